/** Text without what could move the cursor of a terminal or hide text. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')

/** Prints rows under their headings, each column as wide as its widest cell. */
export const printTable = (headings: readonly string[], rows: readonly (readonly string[])[]): void => {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  process.stdout.write([headings, ...rows].map((row) => `${lineOf(row)}\n`).join(''))
}

/** Prints a value for programs. */
export const printJson = (value: object): void => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
