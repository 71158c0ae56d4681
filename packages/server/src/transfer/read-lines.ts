import { StartError } from '../errors.ts'

/** Longer lines are of no export: they would be held in memory whole. */
const longestLine = 4 * 1024 * 1024

/** A line of a file, with its number from 1. */
export interface Line {
  readonly number: number
  readonly value: unknown
}

const parse = (text: string, number: number): Line => {
  try {
    return { number, value: JSON.parse(text) as unknown }
  } catch (thrown) {
    throw new StartError(`Line ${number} is not JSON.`, 1, thrown)
  }
}

/** Reads JSON lines as they come; empty ones are passed over. Throws a `StartError` for a line that is no JSON. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<Line, undefined> {
  let number = 0
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      number++
      if (line.trim() !== '') yield parse(line, number)
    }
    if (rest.length > longestLine) throw new StartError(`Line ${number + 1} is longer than 4 MiB.`)
  }
  if (rest.trim() !== '') yield parse(rest, number + 1)
}
