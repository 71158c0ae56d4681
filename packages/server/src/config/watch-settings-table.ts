import { omittableMembers } from '../audit/audit-event.ts'
import { omitProblem, webhookProblem } from '../audit-settings.ts'
import { headersProblem, otlpProblem } from '../telemetry-settings.ts'
import { logLevels } from '../telemetry/levels.ts'
import { checkedList, checkedText, flag, list, oneOf, text, wholeNumber, type Setting } from './setting.ts'

/** Settings of what tells operators what happens: log, audit events, metrics and traces. */
export const watchSettingsTable = {
  logLevel: {
    ...{ flag: '--log-level <level>', kind: 'text', schema: oneOf(...logLevels), fallback: 'info' },
    description: 'what is logged on standard error: this and what matters more',
  },
  explain: {
    ...{ flag: '--explain', kind: 'flag', schema: flag, fallback: 'for development, and at debug' },
    description: 'the log says why each request was refused, and what mends it',
  },
  auditDays: {
    ...{ flag: '--audit-days <days>', kind: 'number', schema: wholeNumber(0, 3650), fallback: 90 },
    description: 'days for which audit events are kept in the database, 0 for none',
  },
  auditTokens: {
    ...{ flag: '--audit-tokens', kind: 'flag', schema: flag, fallback: false },
    description: 'keep an audit event for each code and token that is issued',
  },
  auditOmit: {
    ...{ flag: '--audit-omit <member>', kind: 'list', schema: checkedList(omitProblem), fallback: [] },
    description: `members of audit events that are left out: ${omittableMembers.join(', ')}`,
  },
  auditWebhook: {
    ...{ flag: '--audit-webhook <url>', kind: 'text', schema: checkedText(webhookProblem), fallback: undefined },
    description: 'where audit events are sent to, signed as Standard Webhooks has it',
  },
  auditWebhookSecrets: {
    ...{ flag: undefined, kind: 'list', schema: list, fallback: undefined, isSecret: true },
    description:
      'keys that sign them, each whsec_ and 24 to 64 bytes as base64: one, or two while the receiver changes over',
  },
  metricsPort: {
    ...{ flag: '--metrics-port <port>', kind: 'number', schema: wholeNumber(0, 65_535), fallback: undefined },
    description: 'port for metrics, health and version, which needs no login; 0 for a free one',
  },
  metricsHost: {
    ...{ flag: '--metrics-host <host>', kind: 'text', schema: text, fallback: 'localhost' },
    description: 'name or address to listen at for metrics',
  },
  otlpEndpoint: {
    ...{ flag: '--otlp-endpoint <url>', kind: 'text', schema: checkedText(otlpProblem), fallback: undefined },
    description: 'where traces and metrics are sent to (OpenTelemetry, OTLP over HTTP): http://localhost:4318',
  },
  otlpSampling: {
    ...{ flag: '--otlp-sampling <percent>', kind: 'number', schema: wholeNumber(0, 100), fallback: 100 },
    description: 'how many of a hundred traces are sent',
  },
  otlpHeaders: {
    ...{ flag: undefined, kind: 'list', schema: checkedList(headersProblem), fallback: undefined, isSecret: true },
    description: 'headers for it, each name=value',
  },
} satisfies Readonly<Record<string, Setting>>
