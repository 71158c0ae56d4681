import { StartError } from './errors.ts'
import { issuerProblem } from './issuer.ts'

/** Where the server is administered. */
export interface AdminSettings {
  /** The port for the admin API and the console; 0 takes a free one. Default: none. */
  readonly adminPort?: number | undefined
  /** The name or address to listen at for them. Default: `localhost`. */
  readonly adminHost?: string | undefined
  /** The URL that browsers know the console by: scheme, host and port, https or on localhost. Default: `http://localhost:<adminPort>`. */
  readonly adminUrl?: string | undefined
  /** Whether the console asks every administrator for a second factor. Default: false, those who have one. */
  readonly adminSecondFactor?: boolean | undefined
}

/** The same with its defaults. */
export interface ResolvedAdminSettings {
  /** Undefined for none. */
  readonly adminPort: number | undefined
  readonly adminHost: string
  /** Undefined until the port is known. */
  readonly adminUrl: string | undefined
  readonly adminSecondFactor: boolean
}

/** Why browsers cannot know the console by a URL; undefined where they can. */
export const adminUrlProblem = (text: string): string | undefined => {
  if (issuerProblem(text) === undefined && new URL(text).origin === text) return undefined
  return `must be scheme, host and port, https or on localhost (https://admin.example), not "${text}"`
}

const requireUrl = (url: string | undefined): string | undefined => {
  const problem = url === undefined ? undefined : adminUrlProblem(url)
  if (problem !== undefined) throw new StartError(`--admin-url ${problem}.`, 2)
  return url
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveAdmin = (options: AdminSettings): ResolvedAdminSettings => ({
  adminPort: options.adminPort,
  adminHost: options.adminHost ?? 'localhost',
  adminUrl: requireUrl(options.adminUrl),
  adminSecondFactor: options.adminSecondFactor ?? false,
})
