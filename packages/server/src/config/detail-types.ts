import { z } from 'zod'
import type { Setting } from './setting.ts'
import { translatedText } from './scope-descriptions.ts'

type JsonSchema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same schema, in which objects that list their properties have no others, unless they say so (RFC 9396 §5). */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (!isSchema(value)) return value
  const inside = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each)]))
  return isSchema(value['properties']) ? { additionalProperties: false, ...inside } : inside
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** What checks the objects of a type by the JSON Schema of the file. Throws for one that cannot be read. */
export const compileDetailSchema = (type: string, schema: JsonSchema): z.ZodType => {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const own = { type: 'object', properties: { ...properties, type: { const: type } } }
  const required = [...listOf(schema['required']), 'type']
  return z.fromJSONSchema(closed({ ...schema, ...own, required }) as Parameters<typeof z.fromJSONSchema>[0]) // it throws for what is none
}

const problemOf = (type: string, schema: JsonSchema): string | undefined => {
  try {
    compileDetailSchema(type, schema)
    return undefined
  } catch (error) {
    return `must be a JSON Schema: ${error instanceof Error ? error.message : String(error)}`
  }
}

const detailTypeSchema = z.strictObject({
  title: translatedText.describe('what it lets a client do, for the consent page: a text, or one for each language'),
  schema: z
    .record(z.string(), z.unknown())
    .describe('JSON Schema of its members; those that it does not list are refused'),
})

const detailTypesSchema = z
  .record(z.string().regex(/^[\x21-\x7e]+$/), detailTypeSchema)
  .superRefine((types, context) => {
    for (const [type, { schema }] of Object.entries(types)) {
      const message = problemOf(type, schema)
      if (message !== undefined) context.addIssue({ code: 'custom', path: [type, 'schema'], message })
    }
  })

/** Types of authorization details by name. */
export type DetailTypes = z.infer<typeof detailTypesSchema>

/** The setting that names them. */
export const detailTypesSetting = {
  ...{ flag: undefined, kind: 'file only', schema: detailTypesSchema, fallback: undefined },
  description:
    'types of authorization details that clients may ask for (RFC 9396), each with a title and a JSON Schema',
  example: {
    payment: {
      title: { en: 'Make a payment', de: 'Eine Zahlung ausführen' },
      schema: { properties: { iban: { type: 'string' }, amount: { type: 'string' } }, required: ['iban', 'amount'] },
    },
  },
} satisfies Setting
