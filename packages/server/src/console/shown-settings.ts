import { settings } from '../config/settings-table.ts'
import { fallbackText } from '../config/setting.ts'
import type { Settings } from '../settings.ts'

const masked = '(hidden)'

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Clients have secrets, and settings of a program may be functions. */
const isShown = (name: string, value: unknown): boolean => name !== 'clients' && typeof value !== 'function'

/** Every setting of the table with its value; secrets are hidden, and what holds where nothing is set is said. */
export const shownSettings = (resolved: Settings): readonly (readonly [name: string, value: string])[] => {
  const values: Readonly<Record<string, unknown>> = { ...resolved, issuer: resolved.issuer?.url }
  return settings
    .filter(([name]) => isShown(name, values[name]))
    .map(([name, setting]) => {
      const value = values[name]
      if (value === undefined) return [name, fallbackText(setting)] as const
      return [name, setting.isSecret === true ? masked : textOf(value)] as const
    })
}
