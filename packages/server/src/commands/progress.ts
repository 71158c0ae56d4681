const everyMs = 100
const width = 30

const barOf = (part: number): string => {
  const filled = Math.round(Math.min(1, part) * width)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.floor(part * 100)).padStart(3)} %`
}

/** How far long work is. */
export interface Progress {
  /** Of how many is unknown where it is undefined. */
  update(done: number, total: number | undefined): void
  /** Takes the bar away. */
  end(): void
}

/** A bar on standard error where that is a terminal; elsewhere nothing. */
export const startProgress = (title: string, out: NodeJS.WriteStream = process.stderr): Progress => {
  let shownAt = 0
  return {
    update(done, total) {
      const now = performance.now()
      if (!out.isTTY || now - shownAt < everyMs) return
      shownAt = now
      out.write(`\r${title} ${total === undefined ? done : barOf(total === 0 ? 1 : done / total)}`)
    },
    end() {
      if (shownAt > 0) out.write('\r\u001B[K')
    },
  }
}
