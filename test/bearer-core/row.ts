import type { ServerKind, ServerUnderTest } from './target.ts'

type OptionalMembers<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

/** A member of a server that an implementation may lack. */
export type Capability = OptionalMembers<ServerUnderTest>

/** A server that has the named capabilities. */
export type With<C extends Capability> = ServerUnderTest & { readonly [K in C]-?: NonNullable<ServerUnderTest[K]> }

/** One request or a few that differ from a good one in one thing. `run` throws where the outcome is another one. */
export interface Case {
  readonly name: string
  readonly needs: readonly Capability[]
  readonly run: (server: ServerUnderTest) => Promise<void>
}

/** One row of the checklist. */
export interface Row {
  readonly row: number
  readonly title: string
  /** The rule: a number is an RFC, `product` a rule of ours. */
  readonly source: string
  readonly cases: readonly Case[]
  /** Servers to run at; a case runs at each that has what it needs. Default: both. */
  readonly on?: readonly ServerKind[]
}

/** The capabilities that `server` lacks. */
export const lacks = (server: ServerUnderTest, needs: readonly Capability[]): readonly Capability[] =>
  needs.filter((capability) => server[capability] === undefined)

const hasAll = <C extends Capability>(server: ServerUnderTest, needs: readonly C[]): server is With<C> =>
  lacks(server, needs).length === 0

/** A case whose `run` sees the capabilities that it asks for. */
export const testCase = <C extends Capability = never>(
  name: string,
  needs: readonly C[],
  run: (server: With<C>) => Promise<void>,
): Case => ({
  name,
  needs,
  run: async (server) => {
    if (!hasAll(server, needs)) throw new Error(`lacks ${lacks(server, needs).join(', ')}`)
    await run(server)
  },
})
