/** Why a database cannot be used. The message names it and says what to do; the database is left as it was. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /**
   * `full`: no room for another row.
   * `unopenable`: no such folder, no permission. `foreign`: not made by Grantry. `newer`: made by a later version. `corrupt`: damaged.
   * `changed`: a migration that was applied is not the one this version knows.
   */
  readonly problem: 'full' | 'unopenable' | 'foreign' | 'newer' | 'corrupt' | 'changed'

  constructor(problem: StoreError['problem'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.problem = problem
  }
}
