/** The programs of `examples/`, as they are run by who reads them: each gives a client a token, and takes it. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { examples, runExample, sourceOf } from '../support/example.ts'

/** Those with an authorization server of their own; others have tests of their own. */
const files = globSync('*.ts', { cwd: examples }).filter((file) => sourceOf(file).includes('/files needs a token'))

describe('an example', () => {
  test('there is one for each framework that can be run as it is', () => assert.equal(files.length, 7))

  for (const file of files) {
    test(`${basename(file, '.ts')}: 80 lines at most; a client gets a token and uses it`, async () => {
      assert.ok(sourceOf(file).split('\n').length <= 80)
      await runExample(file, {}, async (line) => {
        const [, secret = '', url = ''] = /-u app:(\S+) .* (http\S+)\/token/.exec(line) ?? assert.fail(line)
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
