/** The pages of a server whose users also log in elsewhere. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, type ServerOptions } from 'grantry-server'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import type { Stop } from './page-tour.ts'

const issuer = 'https://login.example'
const user = { username: 'ann', password: 'correct horse battery staple' }

/** Starts a second server; its stops come last, as browsers know servers at other ports by the same cookies. */
export const startUpstreamTour = async (
  options: ServerOptions,
): Promise<{ readonly stops: readonly Stop[]; close(): Promise<void> }> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-upstreams-'))
  const common = { clientId: 'grantry', clientSecret: 'of no use here', unknownUsers: 'create' } as const
  const upstreams = [
    { ...common, id: 'work', label: 'Example Inc.', issuer },
    { ...common, id: 'mail', label: 'Example Mail', issuer: 'https://mail.example' },
  ]
  const log = (): void => undefined
  const server = await startServer({ port: 0, data, log, ...options, upstreams })
  const opened = openSqlite(data, { create: false })
  const now = options.now?.() ?? 0
  const id = (await opened.accounts.create(user.username, await hashPassword(user.password), now)) ?? ''
  await opened.identities.link({ issuer, subject: 'ann' }, id, 'ann@example.com', now - 86_400)
  await opened.close()
  const stops: readonly Stop[] = [
    ['login-upstream', (at) => at.goto(`${server.url}/login`)],
    ['error-upstream', (at) => at.goto(`${server.url}/login/via/work/callback`)],
    [
      'account-upstream',
      async (at) => {
        await at.goto(`${server.url}/login?to=/account`)
        await at.fill('#username', user.username)
        await at.fill('#password', user.password)
        await at.click('#login button')
      },
    ],
  ]
  const close = async (): Promise<void> => {
    await server.close()
    rmSync(data, { recursive: true })
  }
  return { stops, close }
}
