import { passwordFault } from '../accounts/password-policy.ts'
import type { Messages } from '../messages/messages.ts'

/** What is wrong with a password that is set without the one before: itself, or that it is not the same twice. */
export const newPasswordProblem = async (
  { password, repeated }: { readonly password: string; readonly repeated: string },
  username: string,
  { account }: Messages,
): Promise<{ readonly isRepeated: boolean; readonly text: string } | undefined> => {
  const fault = await passwordFault(password, username)
  if (fault !== undefined) return { isRepeated: false, text: account.passwordFaults[fault] }
  return password === repeated ? undefined : { isRepeated: true, text: account.otherPassword }
}
