import { webhookProblem } from '../audit-settings.ts'
import { checkedText, list, oneOf, webPage, type Setting } from './setting.ts'

/** The settings of what users do without an operator. */
export const accountSettingsTable = {
  signUp: {
    ...{ flag: '--sign-up <mode>', kind: 'text', schema: oneOf('off', 'open', 'invite'), fallback: 'off' },
    description: 'who may make an account: nobody, everyone, or who has a link of "user invite"',
  },
  termsUri: {
    ...{ flag: '--terms-uri <url>', kind: 'text', schema: webPage, fallback: undefined },
    description: 'terms of service that are accepted with a new account',
  },
  passwordResetUri: {
    ...{ flag: '--password-reset-uri <url>', kind: 'text', schema: webPage, fallback: undefined },
    description: 'page of yours on which users get a new password',
  },
  passwordResetWebhook: {
    ...{
      flag: '--password-reset-webhook <url>',
      kind: 'text',
      schema: checkedText(webhookProblem),
      fallback: undefined,
    },
    description: 'where links for a new password are sent to, for your mailer, signed as Standard Webhooks has it',
  },
  passwordResetSecrets: {
    ...{ flag: undefined, kind: 'list', schema: list, fallback: undefined, isSecret: true },
    description:
      'keys that sign them, each whsec_ and 24 to 64 bytes as base64: one, or two while the receiver changes over',
  },
} satisfies Readonly<Record<string, Setting>>
