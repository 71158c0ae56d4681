/** Why the command cannot do what it was asked: one line that names the mend. It is shown as it is, without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
  /** 2 for a wrong option, 1 for everything else. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}

/** The code of a system error, such as `EADDRINUSE`. */
export const systemCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
