import { createReadStream, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Option, type Command } from 'commander'
import { openData } from '../data.ts'
import { openLongWork, type LongWork } from '../database/long-work.ts'
import { StartError, systemCode } from '../errors.ts'
import { keysIn, requireKeys } from '../sealed-by.ts'
import { importLines, type Imported } from '../transfer/import-rows.ts'
import { readLines, type Line } from '../transfer/read-lines.ts'
import { readForeignClients } from '../transfer/rfc7591.ts'
import { printable, printJson, printTable } from './print.ts'
import { startProgress } from './progress.ts'
import { dataCommand, dataOptionsOf, settingsOf, type DataArguments } from './with-data.ts'

interface ImportArguments extends DataArguments {
  readonly format: 'grantry' | 'rfc7591'
  readonly dryRun?: true
  readonly json?: true
}

/** The lines to import, and the clients among them that need a new secret. */
interface Source {
  readonly lines: AsyncGenerator<Line, undefined>
  readonly withoutSecret: readonly string[]
}

const requireFile = (path: string): void => {
  try {
    if (path !== '-' && !statSync(path).isFile()) throw new StartError(`${path} is no file.`)
  } catch (thrown) {
    if (thrown instanceof StartError) throw thrown
    throw new StartError(`${path} cannot be read (${systemCode(thrown) ?? String(thrown)}).`, 1, thrown)
  }
}

const open = async (path: string, format: ImportArguments['format']): Promise<Source> => {
  requireFile(path)
  const stream = path === '-' ? process.stdin.setEncoding('utf8') : createReadStream(path, 'utf8')
  if (format === 'rfc7591') return readForeignClients(await text(stream))
  return { lines: readLines(stream as AsyncIterable<string>), withoutSecret: [] } // it has an encoding
}

const outcomeOf = ({ isDone, conflicts }: Imported): string => {
  if (isDone) return 'Imported.'
  return conflicts.length > 0 ? 'Nothing was imported.' : 'This was a dry run: nothing was imported.'
}

const report = (imported: Imported, { withoutSecret }: Source): void => {
  const rows = Object.entries(imported.rows).map(([table, { added, same, differing }]) => [
    ...[table, String(added), String(same), String(differing)],
  ])
  printTable(['table', 'new', 'there already', 'differing'], rows)
  process.stdout.write(`${outcomeOf(imported)}\n`)
  for (const id of withoutSecret)
    process.stdout.write(
      printable(`The client "${id}" needs a new secret: grantry-server client rotate-secret ${id}`) + '\n',
    )
}

const conflictError = ({ conflicts }: Imported): StartError => {
  const names = conflicts.map((name) => printable(name)).join(', ')
  return new StartError(
    `These are there already, and differ: ${names}. Change or delete them here, or leave them out of the file.`,
  )
}

const importInto = async (work: LongWork, source: Source, options: ImportArguments): Promise<Imported> => {
  const { keyEncryptionKeys, data } = settingsOf(options)
  const progress = startProgress('Importing line')
  try {
    return await importLines(work, source.lines, {
      isDryRun: options.dryRun === true,
      onHeader: ({ sealed_by: sealedBy }) => requireKeys(keyEncryptionKeys ?? keysIn(data), sealedBy, 'export'),
      onProgress: (lines) => progress.update(lines, undefined),
    })
  } finally {
    progress.end()
  }
}

const run = async (file: string, options: ImportArguments): Promise<void> => {
  const where = dataOptionsOf(options)
  const source = await open(file, options.format)
  await (await openData({ ...where, create: options.dryRun !== true })).close() // whose tables must be those of this version
  const work = await openLongWork(where)
  try {
    const imported = await importInto(work, source, options)
    if (options.json === true) printJson({ ...imported, withoutSecret: source.withoutSecret })
    else report(imported, source)
    if (imported.conflicts.length > 0) throw conflictError(imported)
  } finally {
    await work.close()
  }
}

/** `grantry-server import`. */
export const importCommand = (): Command =>
  dataCommand('import')
    .argument('<file>', 'an export; - for standard input')
    .addOption(
      new Option('--format <format>', 'rfc7591: clients of another server, as JSON')
        .choices(['grantry', 'rfc7591'])
        .default('grantry'),
    )
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('--json', 'print JSON')
    .action(run)
