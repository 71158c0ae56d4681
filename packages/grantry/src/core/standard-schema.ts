/**
 * What every schema library has that follows Standard Schema 1 (zod, valibot, arktype, …), by its shape, so that none of them is a
 * dependency.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': SchemaProperties<Output>
}

/** What a schema says of itself, and how it checks. */
export interface SchemaProperties<Output> {
  readonly version: 1
  readonly vendor: string
  /** What became of a value, or what is wrong with it. */
  validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>
  readonly types?: { readonly input: unknown; readonly output: Output } | undefined
}

/** What checking a value gave. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }
