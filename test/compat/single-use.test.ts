import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, pkce } from '../support/requests.ts'
import { CompleteModel } from './complete-model.ts'
import { codeFlow, ours, type CompatProvider, type Outcome } from './providers.ts'

const app = basic('app', 'app-secret')
const proof = pkce()
const statuses = (answers: readonly Outcome[]): readonly number[] => answers.map(({ status }) => status).sort()
const atOnce = (provider: CompatProvider, asked: Readonly<Record<string, string>>) =>
  Promise.all(Array.from({ length: 5 }, () => provider.token(asked, app)))

/** What a client sends for a code that was just issued. */
const redemption = async (provider: CompatProvider): Promise<Readonly<Record<string, string>>> => {
  const [{ redirected }] = await codeFlow(provider, proof)
  const code = redirected?.['code'] ?? assert.fail('no code')
  return {
    grant_type: 'authorization_code',
    code,
    code_verifier: proof.verifier,
    redirect_uri: 'https://app.example/cb',
  }
}

/** A model whose tokens and codes are there in all answers before any is revoked. */
class SlowModel extends CompleteModel {
  #waiting: (() => void)[] = []
  async #together(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#waiting.push(resolve) < 5) return
      for (const go of this.#waiting.splice(0)) go()
    })
  }
  override async revokeAuthorizationCode(code: Parameters<CompleteModel['revokeAuthorizationCode']>[0]) {
    await this.#together()
    return super.revokeAuthorizationCode(code)
  }
  override async revokeToken(token: Parameters<CompleteModel['revokeToken']>[0]) {
    await this.#together()
    return super.revokeToken(token)
  }
}

test('a code that comes five times at once -> one gets tokens', async () => {
  const model = new SlowModel()
  const provider = ours(model)
  const asked = await redemption(provider)
  assert.deepEqual(statuses(await atOnce(provider, asked)), [200, 400, 400, 400, 400])
  assert.equal(model.accessTokens.size, 1)
})

test('a refresh token that comes five times at once -> one gets tokens', async () => {
  const model = new SlowModel()
  const provider = ours(model)
  const { body } = await provider.token({ grant_type: 'password', username: 'alice', password: 'correct' }, app)
  const asked = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
  assert.deepEqual(statuses(await atOnce(provider, asked)), [200, 400, 400, 400, 400])
  assert.equal(model.refreshTokens.size, 1)
})

test('a code that another client sends stays good for its own', async () => {
  const provider = ours(new CompleteModel())
  const asked = await redemption(provider)
  assert.equal((await provider.token(asked, basic('other', 'other-secret'))).status, 400)
  assert.equal((await provider.token(asked, app)).status, 200)
})

test('a code is spent before tokens are made: one that fails there cannot come again', async () => {
  const model = new CompleteModel()
  const provider = ours(model)
  const asked = await redemption(provider)
  const save = model.saveToken.bind(model)
  model.saveToken = () => Promise.reject(new Error('the database is away'))
  assert.equal((await provider.token(asked, app)).status, 500)
  model.saveToken = save
  assert.equal((await provider.token(asked, app)).status, 400)
})

const forgetful: [name: string, forget: (code: object) => object, options: object, error: string][] = [
  ['challenge', (code) => ({ ...code, codeChallenge: undefined }), {}, 'server_error'],
  [
    'challenge and redirect URI',
    (code) => ({ ...code, codeChallenge: undefined, redirectUri: undefined }),
    { allowMissingPkce: true },
    'server_error',
  ],
]
for (const [name, forget, options, error] of forgetful) {
  test(`a model that forgets ${name} of a code -> ${error}, and the log says what to save`, async () => {
    const model = new CompleteModel()
    const find = model.getAuthorizationCode.bind(model)
    const provider = ours(
      Object.assign(model, { getAuthorizationCode: async (code: string) => forget((await find(code)) ?? {}) }),
      options,
    )
    const { body } = await provider.token(await redemption(provider), app)
    assert.equal(body['error'], error)
    assert.match(JSON.stringify(provider.events.at(-1)), /save (it|both) with the code/)
  })
}

test('PKCE alone binds a code whose redirect URI the model forgets', async () => {
  const model = new CompleteModel()
  const find = model.getAuthorizationCode.bind(model)
  Object.assign(model, {
    getAuthorizationCode: async (code: string) => ({ ...(await find(code)), redirectUri: undefined }),
  })
  const provider = ours(model)
  assert.equal((await provider.token(await redemption(provider), app)).status, 200)
})
