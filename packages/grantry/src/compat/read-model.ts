import { ServerError } from '../core/errors.ts'
import type { ModelScope } from './model.ts'

/** A model broke its contract. The client is told nothing of it. */
export const modelError = (detail: string): ServerError => new ServerError('unexpected', { detail })

/** What a model made of seconds since the epoch. */
export const toDate = (seconds: number): Date => new Date(seconds * 1000) // eslint-disable-line no-restricted-globals -- the contract of models has dates; the time is given

/** Seconds since the epoch. `where` says whose member it is, where it is no date. */
export const fromDate = (value: unknown, where: string): number => {
  // eslint-disable-next-line no-restricted-globals -- as above
  if (value instanceof Date && !Number.isNaN(value.getTime())) return Math.floor(value.getTime() / 1000)
  throw modelError(`${where} must be a Date: without it, nothing would ever expire`)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The text of an id: numbers and ids of databases have one. */
const idText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString()
  if (!isRecord(value) || ArrayBuffer.isView(value) || value['toString'] === Object.prototype.toString) return undefined
  return String(value) // eslint-disable-line @typescript-eslint/no-base-to-string -- it has a text of its own, as an ObjectId of MongoDB has
}

/** The id of a client or user of a model, or of what stands for one: the id alone. */
export const idOf = (value: unknown): string | undefined => {
  if (!isRecord(value)) return idText(value)
  const { id, clientId, _id: key } = value
  return idText(id) ?? idText(clientId) ?? idText(key) ?? idText(value)
}

/** Scopes as a list, however a model writes them. */
export const scopesOf = (scope: ModelScope | null): readonly string[] => {
  const list = typeof scope === 'string' ? scope.split(' ') : (scope ?? [])
  return [...new Set(list.filter((name) => name !== ''))]
}

/** One or several values, as a list. */
export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? [])
