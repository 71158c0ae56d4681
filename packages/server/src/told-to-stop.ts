import { isatty } from 'node:tty'

/**
 * Resolves when this process is told to stop: by SIGINT or SIGTERM, or by SIGHUP as its terminal is closed. By SIGHUP otherwise it is told to
 * read its configuration anew.
 */
export const toldToStop = (reload: () => void): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    const hadTerminal = isatty(0)
    process.on('SIGHUP', () => {
      if (hadTerminal && !isatty(0)) resolve()
      else reload()
    })
  })
