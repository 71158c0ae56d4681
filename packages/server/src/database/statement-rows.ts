const most = 256

/** Rows in parts for one statement each, of 256 at most. There are few sizes of them, so that few statements are prepared. */
export function* statementRows<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length;) {
    const size = 2 ** Math.floor(Math.log2(Math.min(most, rows.length - start)))
    yield rows.slice(start, start + size)
    start += size
  }
}
