import { z } from 'zod'
import { exampleView, userViewSchema } from '../users/user-view.ts'
import { endpointProblem } from '../user-settings.ts'
import { exampleUpstream, upstreamSchema } from '../upstreams/upstream-settings.ts'
import { checkedText, oneOf, secretText, text, webPage, type Setting } from './setting.ts'

/** The settings that say where users come from. */
export const userSettingsTable = {
  userDatabase: {
    ...{ flag: '--user-database <url>', kind: 'text', schema: text, fallback: 'that of the server', isSecret: true },
    description: 'database of userView: postgres://… or the path of an SQLite file, to be read',
  },
  userEndpoint: {
    ...{ flag: '--user-endpoint <url>', kind: 'text', schema: checkedText(endpointProblem), fallback: undefined },
    description: 'endpoint of yours that knows the users: https, or http on localhost',
  },
  userEndpointSecret: {
    ...{ flag: undefined, kind: 'text', schema: secretText, fallback: undefined, isSecret: true },
    description: 'bearer token that the endpoint is sent, 32 characters or more',
  },
  localLogin: {
    ...{ flag: '--local-login <on|off>', kind: 'text', schema: oneOf('on', 'off'), fallback: 'on' },
    description: 'whether users log in here as well, or only where upstreams says',
  },
  passwordChangeUri: {
    ...{ flag: '--password-change-uri <url>', kind: 'text', schema: webPage, fallback: undefined },
    description: 'page on which users from elsewhere change their passwords',
  },
} satisfies Readonly<Record<string, Setting>>

/** Those of them that have names of their own in them, and so come last in a file. */
export const userFileSettings = {
  upstreams: {
    ...{ flag: undefined, kind: 'file only', schema: z.array(upstreamSchema), fallback: [] },
    description: 'OpenID providers of others that users log in at',
    example: [exampleUpstream],
    members: { of: 'an upstream', names: Object.keys(upstreamSchema.shape) },
  },
  userView: {
    ...{ flag: undefined, kind: 'file only', schema: userViewSchema, fallback: undefined, example: exampleView },
    description: 'table or view of users that are there already',
    members: { of: 'userView', names: Object.keys(userViewSchema.shape) },
  },
} satisfies Readonly<Record<string, Setting>>
