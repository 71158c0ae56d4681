import type { ClientChange } from '../admin/clients.ts'
import type { MemberProblem } from '../admin/refusal.ts'
import { clientMembers, type ClientSettings } from '../client-settings.ts'
import { html, type Html } from '../pages/html.ts'
import { textOf } from './call.ts'
import { checkbox, choice, input, type ConsoleFrame } from './page.ts'

const textMembers = [
  ...(['name', 'policyUri', 'tosUri', 'logoUri'] as const),
  ...(['backchannelLogoutUri', 'frontchannelLogoutUri', 'sectorIdentifier'] as const),
] as const
const choiceMembers = ['subjectType', 'idTokenAlg'] as const
const listMembers = [
  ...(['redirectUris', 'postLogoutRedirectUris', 'scopes', 'defaultScopes'] as const),
  ...(['grantTypes', 'responseTypes', 'corsOrigins'] as const),
] as const

/** A member of which a form has a field with a text of its own. */
export type ShownMember = (typeof textMembers | typeof choiceMembers | typeof listMembers)[number]

/** Response types have blanks in them (`code id_token`), so a line is one value. */
const linesOf = (fields: URLSearchParams, name: (typeof listMembers)[number]): readonly string[] | null => {
  const text = fields.get(name) ?? ''
  const lines = name === 'responseTypes' ? text.split('\n').map((line) => line.trim()) : text.split(/\s+/)
  const values = lines.filter((line) => line !== '')
  return values.length === 0 ? null : values
}

/** What a form says: empty fields are forgotten. */
export const readChange = (fields: URLSearchParams): ClientChange => ({
  ...Object.fromEntries([...textMembers, ...choiceMembers].map((name) => [name, textOf(fields, name) ?? null])),
  ...Object.fromEntries(listMembers.map((name) => [name, linesOf(fields, name)])),
  dpopBoundAccessTokens: fields.has('dpopBoundAccessTokens') ? true : null,
  firstParty: fields.has('firstParty') ? true : null,
})

/** The same without what is forgotten. */
export const withoutNull = (change: ClientChange): ClientSettings =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))

/** The fields of a client. */
export const settingFields = (
  { texts }: ConsoleFrame,
  settings: ClientSettings,
  problems: readonly MemberProblem[],
): Html => {
  const { members, lines, byDefault, dpopBound, firstParty } = texts.clients
  const text = (name: (typeof textMembers)[number]) =>
    input({ name, label: members[name], value: settings[name], problems })
  const oneOf = (name: (typeof choiceMembers)[number]) => {
    const values = clientMembers[name].unwrap().options
    return choice({ name, label: members[name], value: settings[name], values, none: byDefault, problems })
  }
  const list = (name: (typeof listMembers)[number]) =>
    input({ name, label: members[name], value: settings[name]?.join('\n'), rows: 2, hint: lines, problems })
  return html`<div class="columns">${textMembers.map(text)}${choiceMembers.map(oneOf)}${listMembers.map(list)}</div>
    ${checkbox({ name: 'dpopBoundAccessTokens', label: dpopBound, isChecked: settings.dpopBoundAccessTokens === true })}
    ${checkbox({ name: 'firstParty', label: firstParty, isChecked: settings.firstParty === true })}`
}
