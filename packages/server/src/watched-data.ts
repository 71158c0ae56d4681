import { keepAudit } from './audit/keep-audit.ts'
import { openData, type Data } from './data.ts'
import type { Settings } from './settings.ts'
import { keepActivity } from './telemetry/activity.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import { openSource, type OpenSource } from './users/open-source.ts'

/** The database, and where users come from. */
export type OpenData = Data & Pick<OpenSource, 'source'>

const withSource = async (data: Data, settings: Settings): Promise<OpenData> => {
  const users = await openSource(settings).catch(async (thrown: unknown) => {
    await data.close()
    throw thrown
  })
  const close = async (): Promise<void> => {
    await users.close()
    await data.close()
  }
  return { ...data, source: users.source, close }
}

/** Opens the database, with what is kept of the log in it, and what watches it; both end together. Throws as `openData` does. */
export const openWatched = async (telemetry: Telemetry): Promise<OpenData> => {
  const { settings, watch, metrics } = telemetry
  try {
    const opened = await openData({ ...settings, create: true })
    if (opened.poolCounts !== undefined) metrics.watchPool(opened.poolCounts)
    const data = await withSource(keepActivity(keepAudit(opened, settings, watch), settings, watch), settings)
    const close = async (): Promise<void> => {
      await data.close()
      await telemetry.close()
    }
    return { ...data, close }
  } catch (thrown) {
    await telemetry.close()
    throw thrown
  }
}
