import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import type { AccountStore } from './account-store.ts'
import type { Account } from './account-tables.ts'

/** 32 MiB for each hash; as strong as the first choice of OWASP's password storage cheat sheet, with less memory. */
const cost = { ln: 15, r: 8, p: 3 }
const hashBytes = 32
const longestUsername = 256
/** Lengths of passwords that users choose, in characters. */
export const leastPassword = 12
/** The same. */
export const longestPassword = 1024

const derive = (password: string, salt: Buffer, { ln, r, p }: typeof cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 ** ln * r * 256 }
    scrypt(password, salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const format = ({ ln, r, p }: typeof cost, salt: Buffer, hash: Buffer): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`

/** What to store of a password: scrypt with a random salt, in PHC format. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  return format(cost, salt, await derive(password, salt, cost))
}

const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const verify = async (password: string, stored: string): Promise<boolean> => {
  const [, ln, r, p, salt = '', hash = ''] = phc.exec(stored) ?? []
  const expected = Buffer.from(hash, 'base64')
  if (expected.length !== hashBytes) throw new Error('A stored password is not a scrypt hash in PHC format.')
  const found = await derive(password, Buffer.from(salt, 'base64'), { ln: Number(ln), r: Number(r), p: Number(p) })
  return timingSafeEqual(found, expected)
}

/** The hash of no password. Unknown users are checked against it, so that the time says nothing. */
const decoy = format(cost, Buffer.alloc(16), Buffer.alloc(hashBytes))

/** A password of 120 random bits to start with. */
export const generatePassword = (): string => randomBytes(15).toString('base64url')

/** The account with this name and password; undefined where either is wrong, with the same work done. */
export const checkLogin = async (
  accounts: Pick<AccountStore, 'find'>,
  username: string,
  password: string,
): Promise<Account | undefined> => {
  const isPlausible = username.length <= longestUsername && password.length <= longestPassword
  const account = isPlausible ? await accounts.find(username) : undefined
  const isRight = await verify(password.slice(0, longestPassword), account?.password ?? decoy)
  return isRight ? account : undefined
}
