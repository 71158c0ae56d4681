import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Claims, JsonValue } from 'grantry'

/** What is known of a user, as flags. */
export interface ClaimArguments {
  readonly name?: string
  readonly givenName?: string
  readonly familyName?: string
  readonly email?: string
  readonly emailVerified?: boolean
  readonly phoneNumber?: string
  readonly picture?: string
  readonly locale?: string
  readonly claim: Claims
}

const parseValue = (text: string): JsonValue => {
  try {
    return JSON.parse(text) as JsonValue // what JSON.parse gives
  } catch {
    return text
  }
}

const parseClaim = (text: string, claims: Claims): Claims => {
  const [, name = '', value = ''] = /^([a-z][a-z0-9_]*)=(.+)$/s.exec(text) ?? []
  if (name === '') throw new InvalidArgumentError('It must be NAME=VALUE, the value as JSON or as plain text.')
  return { ...claims, [name]: parseValue(value) }
}

/** Gives a command the flags for what is known of a user. An empty value forgets a claim. */
export const withClaimOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'full name')
    .option('--given-name <name>', 'given name')
    .option('--family-name <name>', 'family name')
    .option('--email <address>', 'e-mail address')
    .option('--email-verified', 'the e-mail address is known to be the user’s')
    .option('--no-email-verified', 'it is not')
    .option('--phone-number <number>', 'phone number')
    .option('--picture <url>', 'where a picture is')
    .option('--locale <tag>', 'language and country, such as de-AT')
    .addOption(
      new Option('--claim <name=value>', 'any other claim, such as zoneinfo=Europe/Vienna; may be repeated')
        .argParser(parseClaim)
        .default({}),
    )

/** An e-mail address that is new is not verified unless that is said as well. */
const emailOf = ({ email, emailVerified }: ClaimArguments): Claims => {
  if (email === undefined) return emailVerified === undefined ? {} : { email_verified: emailVerified }
  return { email: email || undefined, email_verified: email === '' ? undefined : (emailVerified ?? false) }
}

/** The claims that flags name; those that are `undefined` are to be forgotten. */
export const toClaims = (given: ClaimArguments): Claims => {
  const texts = {
    name: given.name,
    given_name: given.givenName,
    family_name: given.familyName,
    phone_number: given.phoneNumber,
    picture: given.picture,
    locale: given.locale,
  }
  const named = Object.entries(texts).filter(([, text]) => text !== undefined)
  return {
    ...Object.fromEntries(named.map(([name, text]) => [name, text || undefined])),
    ...emailOf(given),
    ...given.claim,
  }
}
