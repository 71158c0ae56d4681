import type { LoginRefusal } from '../accounts/login-limits.ts'

/** What is said of each limit on logins: `user` is that of a name from everywhere, the others are over in five minutes. */
export const limitsOf = (others: string, user: string): Readonly<Record<LoginRefusal['limit'], string>> => ({
  ...{ device: others, pair: others, address: others, code: others, codeUser: others },
  user,
})
