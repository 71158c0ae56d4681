import { StartError } from './errors.ts'

/** Where metrics are, and where traces and metrics are sent to. */
export interface TelemetrySettings {
  /** The port for metrics, health and version, which needs no login; 0 takes a free one. Default: none. */
  readonly metricsPort?: number | undefined
  /** The name or address to listen at for metrics. Default: `localhost`. */
  readonly metricsHost?: string | undefined
  /** The URL of what takes OTLP over HTTP, without `/v1/traces` and `/v1/metrics`. Default: none. */
  readonly otlpEndpoint?: string | undefined
  /** How many of a hundred traces are sent. Default: 100. */
  readonly otlpSampling?: number | undefined
  /** Headers for it, each `name=value`, such as a token. Default: none. */
  readonly otlpHeaders?: readonly string[] | undefined
}

/** The same with its defaults. */
export interface ResolvedTelemetry {
  /** Undefined for none. */
  readonly metricsPort: number | undefined
  readonly metricsHost: string
  /** Undefined where nothing is sent. */
  readonly otlpEndpoint: string | undefined
  readonly otlpSampling: number
  readonly otlpHeaders: Readonly<Record<string, string>>
}

/** Why a URL cannot be one that traces are sent to; undefined for one that can. */
export const otlpProblem = (text: string): string | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (isWeb && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return undefined
  return 'must be an https or http URL without credentials and query, such as http://localhost:4318'
}

const headerSyntax = /^([!#$%&'*+.^`|~\w-]+)=([\x20-\x7e]+)$/ // RFC 9110 §5.1, §5.5

/** Why headers cannot be sent, without their values; undefined where they can. */
export const headersProblem = (headers: readonly string[]): string | undefined =>
  headers.every((header) => headerSyntax.test(header)) ? undefined : 'must be headers as name=value'

const require = (setting: string, problem: string | undefined): void => {
  if (problem !== undefined) throw new StartError(`${setting} ${problem}.`, 2)
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveTelemetry = ({
  metricsPort,
  metricsHost = 'localhost',
  otlpEndpoint,
  otlpSampling = 100,
  otlpHeaders = [],
}: TelemetrySettings): ResolvedTelemetry => {
  if (otlpEndpoint !== undefined) require('--otlp-endpoint', otlpProblem(otlpEndpoint))
  require('otlpHeaders', headersProblem(otlpHeaders))
  const headers = otlpHeaders.map((header) => headerSyntax.exec(header)).filter((found) => found !== null)
  const byName = Object.fromEntries(headers.map(([, name = '', value = '']) => [name, value]))
  return { metricsPort, metricsHost, otlpEndpoint, otlpSampling, otlpHeaders: byName }
}
