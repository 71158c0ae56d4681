/** The programs of `examples/`, as they are run by who reads them: each gives a client a token, and takes it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'

const folder = join(import.meta.dirname, '../../examples')
const sourceOf = (file: string): string => readFileSync(join(folder, file), 'utf8')
/** Those with an authorization server of their own; others have tests of their own. */
const files = globSync('*.ts', { cwd: folder }).filter((file) => sourceOf(file).includes('/files needs a token'))

/** Runs an example on a free port until `use` is done. */
const runExample = async (file: string, use: (url: string, secret: string) => Promise<void>): Promise<void> => {
  const child = spawn(process.execPath, ['--conditions=grantry-source', join(folder, file)], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, secret, url] = /-u app:(\S+) .* (http\S+)\/token/.exec(line) ?? assert.fail(line)
      await use(url ?? '', secret ?? '')
      return
    }
    assert.fail('It ended without a line.')
  } finally {
    child.kill()
    await ended
  }
}

describe('an example', () => {
  test('there is one for each framework that can be run as it is', () => assert.equal(files.length, 7))

  for (const file of files) {
    test(`${basename(file, '.ts')}: 80 lines at most; a client gets a token and uses it`, async () => {
      assert.ok(sourceOf(file).split('\n').length <= 80)
      await runExample(file, async (url, secret) => {
        const as = { issuer: url, token_endpoint: `${url}/token` }
        const client = { client_id: 'app' }
        const http = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
        const proof = oauth.ClientSecretBasic(secret)
        const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, { scope: 'read' }, http)
        const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, answer)
        const files = new URL(`${url}/files`)
        const allowed = await oauth.protectedResourceRequest(token, 'GET', files, undefined, undefined, http)
        assert.deepEqual(await allowed.json(), { owner: 'app' })
        const refused = await fetch(files)
        assert.equal(refused.status, 401)
        assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer /)
      })
    })
  }
})
