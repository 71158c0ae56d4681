import { closest } from 'fastest-levenshtein'
import type { Log } from '../log.ts'
import { formatOf } from '../accounts/hash-formats.ts'
import { StartError } from '../errors.ts'
import type { UserDatabase } from './user-database.ts'
import type { PasswordAttempt, SourceLogin, SourceUser, UserSource } from './user-source.ts'
import type { UserView } from './user-view.ts'
import { isTrue, ViewRows, type ViewRow } from './view-rows.ts'

/** Formats that are compared at each login; of more, the newest. */
const mostFormats = 4

/** A hash in each format that was seen. */
class SeenFormats {
  readonly #hashes = new Map<string, string>()

  /** Notes a hash, and says whether it is one. */
  note(hash: string): boolean {
    const format = formatOf(hash)
    if (format === undefined) return false
    this.#hashes.set(format, this.#hashes.get(format) ?? hash)
    const [oldest] = this.#hashes.keys()
    if (this.#hashes.size > mostFormats && oldest !== undefined) this.#hashes.delete(oldest)
    return true
  }

  list(): readonly string[] {
    return [...this.#hashes.values()]
  }
}

/** Users of a table or view of the operator. */
export class ViewSource implements UserSource {
  readonly #rows: ViewRows
  readonly #isLowercase: boolean
  readonly #log: Log
  readonly #formats = new SeenFormats()

  constructor(rows: ViewRows, { lowercase = false }: Pick<UserView, 'lowercase'>, log: Log) {
    this.#rows = rows
    this.#isLowercase = lowercase
    this.#log = log
  }

  /** Learns in which formats passwords are, so that the first login takes as long as others. */
  async learnFormats(): Promise<void> {
    for (const { password } of await this.#rows.some()) if (password !== null) this.#formats.note(password)
  }

  async login({ username: typed, matches }: PasswordAttempt): Promise<SourceLogin | undefined> {
    const username = this.#isLowercase ? typed.toLowerCase() : typed
    const row = this.#only(typed.includes('\0') ? [] : await this.#rows.byName(username)) // text of PostgreSQL cannot hold it
    const hash = row?.password ?? undefined
    if (row !== undefined && hash !== undefined && !this.#formats.note(hash))
      this.#log({ type: 'source.hash_unknown', userId: `users:${row.id}` })
    const isRight = await matches(hash, this.#formats.list())
    return row !== undefined && isRight && isTrue(row.active) ? toLogin(row) : undefined
  }

  async find(id: string): Promise<SourceUser | undefined> {
    const row = this.#only(await this.#rows.byId(id))
    return row !== undefined && isTrue(row.active) ? { ...toLogin(row), claims: row.claims } : undefined
  }

  #only(rows: readonly ViewRow[]): ViewRow | undefined {
    const [row, ...others] = rows
    if (others.length === 0) return row
    throw new Error('userView: two rows have the same name or id, so nobody knows who is meant.')
  }
}

const toLogin = ({ id, username, version }: ViewRow): SourceLogin => ({ id, username, version: version ?? '' })

const columnsIn = ({ id, username, password, active, version, claims = {} }: UserView): readonly string[] =>
  [id, username, password, active, version, ...Object.values(claims)].filter((each) => each !== undefined)

const requireColumns = async (database: UserDatabase, view: UserView): Promise<void> => {
  const there = await database.columnsOf(view.table)
  const where = `in ${database.name}`
  if (there.length === 0) throw new StartError(`userView: there is no table or view ${view.table} ${where}.`, 2)
  const missing = columnsIn(view).find((column) => !there.includes(column))
  if (missing === undefined) return
  const mend = `Did you mean "${closest(missing, [...there])}"? There are: ${there.join(', ')}.`
  throw new StartError(`userView: ${view.table} ${where} has no column "${missing}". ${mend}`, 2)
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** The users of a table or view, whose statements were tried. Throws a `StartError` that names what is missing. */
export const viewSource = async (database: UserDatabase, view: UserView, log: Log): Promise<UserSource> => {
  await requireColumns(database, view)
  const rows = new ViewRows(database, view)
  const source = new ViewSource(rows, view, log)
  try {
    await rows.byName(null)
    await rows.byId(null)
    await source.learnFormats()
  } catch (thrown) {
    const where = `${view.table} in ${database.name}`
    throw new StartError(`userView: ${where} cannot be read: ${messageOf(thrown)}.`, 1, thrown)
  }
  return source
}
