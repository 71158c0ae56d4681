import { reasons } from 'grantry'
import type { LogRecord } from '../log.ts'
import { mendsByHeading } from './mends.ts'

const page = 'docs/reference/errors.md'

/** The heading as a fragment, as Markdown has it. */
const fragmentOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-')

const mends = new Map(
  Object.entries(mendsByHeading).flatMap(([heading, group]) =>
    Object.entries(group).map(([reason, mend]: [string, string]) => [reason, { mend, fragment: fragmentOf(heading) }]),
  ),
)

const isReason = (reason: unknown): reason is keyof typeof reasons =>
  typeof reason === 'string' && Object.hasOwn(reasons, reason)

/** For forms that are not of this browser and this server. The page says the same to the user, in other words. */
const ofPages: Readonly<Record<string, readonly [why: string, mend: string]>> = {
  form_foreign: [
    'The form is of another site or another session, or its cookie did not come with it.',
    'Open the server at its issuer, to the letter, and over https where that is https; see that the browser keeps cookies.',
  ],
  target_foreign: ['The page to go on to is none of this server.', 'Send users to /authorize, not to /login.'],
}

/** What was wrong with a refused request, in words for whoever develops the client: `why`, `mend` and `help`. Empty for other records. */
export const explain = ({ type, reason, detail, description }: LogRecord): Readonly<Record<string, string>> => {
  if (type === 'page.refused') {
    const [why, mend] = ofPages[String(reason)] ?? []
    return why === undefined || mend === undefined ? {} : { why, mend, help: 'docs/guide/operate.md#behind-a-proxy' }
  }
  if (type !== 'request.refused' || !isReason(reason)) return {}
  const told = typeof description === 'string' ? ` The client was told: ${description}` : ''
  const { mend = '', fragment = '' } = mends.get(reason) ?? {}
  const here = typeof detail === 'string' ? ` (${detail})` : ''
  return { why: `${reasons[reason].replace(/\.$/, '')}${here}.${told}`, mend, help: `${page}#${fragment}` }
}
