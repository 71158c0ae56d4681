import { createWriteStream, openSync, rmSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { openLongWork } from '../database/long-work.ts'
import { openData } from '../data.ts'
import { StartError, systemCode } from '../errors.ts'
import { exportLines } from '../transfer/export-rows.ts'
import { defaultParts, parts, type Part } from '../transfer/portable-tables.ts'
import { startProgress } from './progress.ts'
import { dataCommand, dataOptionsOf, type DataArguments } from './with-data.ts'

interface ExportArguments extends DataArguments {
  readonly part?: readonly Part[]
}

const isPart = (text: string): text is Part => parts.some((part) => part === text)

const parsePart = (text: string, given: readonly Part[] | undefined): readonly Part[] => {
  if (isPart(text)) return [...(given ?? []), text]
  throw new InvalidArgumentError(`It must be one of ${parts.join(', ')}.`)
}

/** What is exported; may be given more than once. */
const partOption = (): Option => {
  const description = `what to export: ${parts.join(', ')}; may be repeated (default: ${defaultParts.join(', ')})`
  return new Option('--part <part>', description).argParser(parsePart)
}

const create = (path: string): number => {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === 'EEXIST') throw new StartError(`${path} is there already. Name a file that is not.`, 1, thrown)
    throw new StartError(`${path} cannot be made (${code ?? String(thrown)}).`, 1, thrown)
  }
}

const toFile = async (path: string, lines: AsyncIterable<string>): Promise<void> => {
  const fd = create(path)
  try {
    await pipeline(lines, createWriteStream(path, { fd, flush: true }))
  } catch (thrown) {
    rmSync(path, { force: true })
    throw thrown
  }
}

const toStandardOutput = (lines: AsyncIterable<string>): Promise<void> =>
  pipeline(lines, process.stdout as Writable, { end: false })

const grantsNote =
  'With grants: stop the servers of this database first. A refresh token that is used here afterwards is good at the other database as well.\n'

const run = async (file: string, options: ExportArguments): Promise<void> => {
  const where = dataOptionsOf(options)
  await (await openData({ ...where, create: false })).close() // whose tables must be those of this version
  const chosen = options.part ?? defaultParts
  if (chosen.includes('grants')) process.stderr.write(grantsNote)
  const work = await openLongWork(where)
  const progress = startProgress('Exporting')
  try {
    const lines = exportLines(work, chosen, (done, total) => progress.update(done, total))
    await (file === '-' ? toStandardOutput(lines) : toFile(file, lines))
  } finally {
    progress.end()
    await work.close()
  }
}

/** `grantry-server export`. */
export const exportCommand = (): Command =>
  dataCommand('export').argument('<file>', 'where to; - for standard output').addOption(partOption()).action(run)
