/** The console of a server with some life in it, for the pictures in the documentation. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerClient } from 'grantry'
import { startServer } from 'grantry-server'
import type { Page } from 'playwright-core'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'

const admin = { username: 'root', password: 'correct horse battery staple' }

/** A page of the console with its path. */
export const consolePages: readonly (readonly [name: string, path: string])[] = [
  ['console', '/'],
  ['console-clients', '/clients'],
  ['console-client', '/clients/shop'],
  ['console-user', '/users/ann'],
  ['console-keys', '/keys'],
  ['console-audit', '/audit'],
]

/** A curve that looks like a morning. */
const counts = (now: number) =>
  Array.from({ length: 72 }, (_, index) => {
    const at = now - (72 - index) * 600
    const busy = Math.round(40 + 35 * Math.sin(index / 9) + (index % 5) * 6)
    return [
      { at, name: 'issued authorization_code', count: busy },
      { at, name: 'issued refresh_token', count: busy * 2 },
      { at, name: `latency /token ${index % 11 === 0 ? 5 : 3}`, count: busy },
      { at, name: 'refused client_secret_wrong', count: index % 7 === 0 ? 5 : 1 },
      { at, name: 'refused code_unknown', count: index % 3 },
    ]
  }).flat()

/** Starts it; `logIn` brings a browser to the overview. */
export const startConsoleTour = async () => {
  const now = Math.floor(Date.UTC(2026, 10, 20, 9, 30) / 1000)
  const data = mkdtempSync(join(tmpdir(), 'grantry-console-'))
  const server = await startServer({ port: 0, adminPort: 0, data, log: () => undefined, now: () => now })
  const opened = openSqlite(data, { create: false })
  for (const name of [admin.username, 'ann', 'bob', 'cleo'])
    await opened.accounts.create(name, await hashPassword(admin.password), now - 9 * 86_400, {
      email: `${name}@example.com`,
    })
  const root = await opened.users.find(admin.username)
  await opened.users.setAdmin(root?.id ?? '', true)
  const ann = await opened.users.find('ann')
  const given = { scopes: ['openid', 'profile', 'email'], resources: [], claims: [], receivers: ['shop.example'] }
  await opened.consents.remember({ userId: ann?.id ?? '', clientId: 'shop' }, undefined, given, now - 86_400)
  const scopes = ['openid', 'profile', 'email', 'orders:read']
  for (const [id, name] of [
    ['shop', 'The Shop'],
    ['prints', 'Photo Prints'],
  ] as const)
    await registerClient(opened.store, {
      id,
      name,
      scopes,
      redirectUris: [`https://${id}.example/cb`],
      grantTypes: ['authorization_code', 'refresh_token'],
    })
  await opened.activity.add(counts(now))
  await opened.close()
  return {
    url: server.adminUrl ?? '',
    logIn: async (at: Page): Promise<void> => {
      await at.goto(server.adminUrl ?? '')
      await at.fill('#username', admin.username)
      await at.fill('#password', admin.password)
      await at.click('#login button')
      await at.waitForSelector('nav')
    },
    close: async (): Promise<void> => {
      await server.close()
      rmSync(data, { recursive: true })
    },
  }
}
