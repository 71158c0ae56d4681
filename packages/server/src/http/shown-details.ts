import type { AuthorizationDetail, AuthorizationDetailOptions, JsonValue } from 'grantry'
import { compileDetailSchema, type DetailTypes } from '../config/detail-types.ts'
import { inLanguage } from '../config/scope-descriptions.ts'
import type { ShownDetail } from '../pages/details.ts'

/** The types of the configuration as the toolkit takes them; undefined for none. */
export const detailOptions = (types: DetailTypes): AuthorizationDetailOptions | undefined => {
  const all = Object.entries(types).map(([type, { title, schema }]) => {
    const describe = (_: AuthorizationDetail, language: string) => inLanguage(title, language) ?? type
    return [type, { schema: compileDetailSchema(type, schema), describe }] as const
  })
  return all.length === 0 ? undefined : { types: Object.fromEntries(all) }
}

const titleOf = (schema: unknown, name: string): { readonly label: string; readonly below: unknown } => {
  const properties = typeof schema === 'object' && schema !== null && 'properties' in schema ? schema.properties : {}
  const below = new Map(Object.entries(properties ?? {})).get(name) as { readonly title?: unknown } | undefined // as the file has it
  return { label: typeof below?.title === 'string' ? below.title : name, below }
}

const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Members with their values, those of objects inside as well, by the titles that their schema gives them. */
const factsOf = (members: object, schema: unknown): ShownDetail['facts'] =>
  Object.entries(members).flatMap(([name, value]: [string, JsonValue]) => {
    const { label, below } = titleOf(schema, name)
    if (Array.isArray(value)) return [{ label, text: value.map(textOf).join(', ') }]
    if (typeof value !== 'object' || value === null) return [{ label, text: textOf(value) }]
    return factsOf(value, below).map(({ label: inside, text }) => ({ label: `${label}: ${inside}`, text }))
  })

/** What a client asks for by authorization details, as pages show it. */
export const shownDetails = (
  details: readonly AuthorizationDetail[] | undefined,
  types: DetailTypes,
  language: string,
): readonly ShownDetail[] =>
  (details ?? []).map((detail) => {
    const { type, ...members } = detail
    const title = inLanguage(types[type]?.title, language) ?? type
    return { title, facts: factsOf(members, types[type]?.schema) }
  })

/** The details whose boxes were left checked. */
export const chosenDetails = (
  fields: URLSearchParams,
  details: readonly AuthorizationDetail[] = [],
): readonly AuthorizationDetail[] => {
  const chosen = fields.getAll('detail')
  return details.filter((_, index) => chosen.includes(String(index)))
}
