import { adminUrlProblem } from '../admin-settings.ts'
import { checkedText, flag, text, wholeNumber, type Setting } from './setting.ts'

/** The settings that say where the server is administered. */
export const adminSettingsTable = {
  adminPort: {
    ...{ flag: '--admin-port <port>', kind: 'number', schema: wholeNumber(0, 65_535), fallback: undefined },
    description: 'port for the admin API and the console, 0 for a free one',
  },
  adminHost: {
    ...{ flag: '--admin-host <host>', kind: 'text', schema: text, fallback: 'localhost' },
    description: 'name or address to listen at for the admin API and the console',
  },
  adminUrl: {
    ...{
      flag: '--admin-url <url>',
      kind: 'text',
      schema: checkedText(adminUrlProblem),
      fallback: 'http://localhost:<adminPort>',
    },
    description: 'URL that browsers know the console by',
  },
  adminSecondFactor: {
    ...{ flag: '--admin-second-factor', kind: 'flag', schema: flag, fallback: false },
    description: 'ask every administrator for a second factor at the console',
  },
} satisfies Readonly<Record<string, Setting>>
