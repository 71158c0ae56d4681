/** Text without what could move the cursor of a terminal or hide text. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')

/** Prints rows under their headings, each column as wide as its widest cell. */
export const printTable = (headings: readonly string[], rows: readonly (readonly string[])[]): void => {
  const shown = rows.map((row) => row.map(printable))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...shown.map((row) => (row[column] ?? '').length)),
  )
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  process.stdout.write([headings, ...shown].map((row) => `${lineOf(row)}\n`).join(''))
}

/** Prints a value for programs. */
export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)

/** A value in one cell; `-` for none. */
export const cellOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(cellOf).join(', ') || '-'
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
  return text === '' || text === '""' ? '-' : text
}

/** Prints the members of a record, one a line; those that it has not are left out. */
export const printRecord = (record: object): void => {
  const rows = Object.entries(record).filter(([, value]) => value !== undefined)
  const width = Math.max(...rows.map(([name]) => name.length))
  process.stdout.write(
    rows.map(([name, value]) => `${printable(name).padEnd(width)}  ${printable(cellOf(value))}\n`).join(''),
  )
}

/** What says whether a program reads it. */
export interface PrintArguments {
  readonly json?: true
}

/** Prints JSON where that was asked for, and else what is for people. */
export const printFor = ({ json }: PrintArguments, value: unknown, forPeople: () => void): void => {
  if (json === true) printJson(value)
  else forPeople()
}

/** Prints a line for people. */
export const printLine = (text: string): void => void process.stdout.write(`${printable(text)}\n`)

/** A number of things. */
export const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
