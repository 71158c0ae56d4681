import { ConfigurationError, InvalidRequestError } from '../core/errors.ts'

const formOf = (members: object): string => {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(members) as [string, unknown][]) {
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof each === 'string') form.append(name, each)
      else throw new InvalidRequestError('form_malformed', { detail: 'a parameter with brackets in its name' })
    }
  }
  return form.toString()
}

/**
 * The text of a body that a body parser of a framework has read: a form as its members, of which one that was sent twice is an array; JSON as its
 * value; text or bytes as they came. Throws an `InvalidRequestError` for a form with parameters inside of parameters.
 */
export const textOfParsed = (parsed: unknown, contentType: string): string => {
  if (typeof parsed === 'string') return parsed
  if (parsed instanceof Uint8Array) return new TextDecoder().decode(parsed)
  if (/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)) return JSON.stringify(parsed)
  return typeof parsed === 'object' && parsed !== null ? formOf(parsed) : ''
}

/** Whether something has read the body of a message of `node:http` before. One that was empty was never read, but has ended. */
export const isConsumed = (message: { readonly readableDidRead: boolean; readonly readableEnded: boolean }): boolean =>
  message.readableDidRead || message.readableEnded

/** What is wrong where a body was read before, and nothing kept it: waiting for it would never end. */
export const consumedBody = (): ConfigurationError =>
  new ConfigurationError(
    'The body of the request was read before Grantry, and not kept. Mount Grantry before what reads it.',
  )
