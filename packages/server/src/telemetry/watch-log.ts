import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { inScope } from './request-scope.ts'

/** The settings with a log that others may watch: they get each record, with the ids of its request, before it is written. */
export const watchLog = (
  settings: Settings,
): { readonly settings: Settings; readonly watch: (watcher: Log) => void } => {
  const watchers: Log[] = []
  const log: Log = (record) => {
    for (const watcher of watchers) watcher(record)
    settings.log(record)
  }
  return { settings: { ...settings, log: inScope(log) }, watch: (watcher) => void watchers.push(watcher) }
}
