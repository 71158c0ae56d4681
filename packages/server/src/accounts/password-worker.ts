/** The thread of a `PasswordPool`: takes one task after the other. */
import { parentPort } from 'node:worker_threads'
import { verifyPassword } from './hash-formats.ts'
import { hashPassword } from './password.ts'

/** What the thread does: makes a hash, or compares a password with each of several. */
export interface PasswordTask {
  readonly password: string
  /** Undefined to make a hash. */
  readonly stored: readonly string[] | undefined
}

/** What it answers: the hash or what was compared; or what went wrong. */
export type PasswordAnswer = { readonly result: string | readonly boolean[] } | { readonly error: string }

const verifyAll = async (password: string, stored: readonly string[]): Promise<readonly boolean[]> => {
  const results: boolean[] = []
  for (const each of stored) results.push(await verifyPassword(password, each))
  return results
}

const answer = async ({ password, stored }: PasswordTask): Promise<PasswordAnswer> => {
  try {
    return { result: await (stored === undefined ? hashPassword(password) : verifyAll(password, stored)) }
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}

parentPort?.on('message', (task: PasswordTask) => void answer(task).then((each) => parentPort?.postMessage(each)))
