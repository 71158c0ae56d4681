import type { Answer } from './play.ts'

/** What is compared of an answer, by field. A field that is absent is not in it. */
export type Fields = Readonly<Record<string, string>>

/** One difference between the two sides. */
export interface Difference {
  readonly step: string
  readonly field: string
  readonly theirs: string
  readonly ours: string
}

/** How a field that is not there is written. */
const absent = 'absent'

const headerNames = ['content-type', 'cache-control', 'pragma', 'www-authenticate', 'allow']
const random = new Set(['code', 'access_token', 'refresh_token'])
const times = new Set(['iat', 'exp'])

const mask = (name: string, value: unknown): string => {
  if (random.has(name)) return value === 'chosen' ? 'chosen by the client' : 'random'
  if (times.has(name)) return 'a time'
  if (name === 'error_description') return 'a text'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const headerFields = (headers: Readonly<Record<string, string>>): Fields =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value.replace(/error_description="[^"]*"/, 'error_description=…')])
      .filter(([name = '']) => headerNames.includes(name))
      .map(([name = '', value = '']) => [`header ${name}`, value]),
  )

const redirectFields = (location: string): Fields => {
  const at = location.search(/[?#]/)
  const [target, mode] = at < 0 ? [location, 'nothing'] : [location.slice(0, at), location[at] === '#' ? '#' : '?']
  const parameters = [...new URLSearchParams(at < 0 ? '' : location.slice(at + 1))]
  return {
    'redirect to': target,
    'redirect by': mode,
    ...Object.fromEntries(parameters.map(([name, value]) => [`redirect ${name}`, mask(name, value)])),
  }
}

const bodyFields = (body: string): Fields => {
  if (body === '') return {}
  if (body.startsWith('<')) return { body: 'a page' }
  const members = JSON.parse(body) as Readonly<Record<string, unknown>> // every other body is a JSON object
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`body ${name}`, mask(name, value)]))
}

/** The fields of an answer; `names` are what a validator method is called in the comparison. */
export const fieldsOf = (answer: Answer, names: Readonly<Record<string, readonly string[]>> = {}): Fields => {
  const { status, headers = {}, body, page, raised, called } = answer
  const location = headers['Location']
  return {
    ...(raised !== undefined && { raised }),
    ...(status !== undefined && { status: String(status) }),
    ...(page !== undefined && { 'shown to the user': page }),
    ...headerFields(headers),
    ...(location !== undefined && redirectFields(location)),
    ...(body && bodyFields(body)),
    'validator methods': called.flatMap((name) => names[name] ?? [name]).join(', ') || 'none',
  }
}

/** Where two answers to one request differ. */
export const differencesOf = (step: string, theirs: Fields, ours: Fields): readonly Difference[] =>
  [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
    .map((field) => ({ step, field, theirs: theirs[field] ?? absent, ours: ours[field] ?? absent }))
    .filter((difference) => difference.theirs !== difference.ours)
