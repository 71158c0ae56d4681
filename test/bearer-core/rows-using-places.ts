import assert from 'node:assert/strict'
import { type Answer, formBody, formType, postForm, send } from './http.ts'
import { type Row, testCase } from './row.ts'
import { bearer, expectChallenge, expectStatus, resourceToken } from './steps.ts'

const multipart = (token: string): string =>
  ['--x', 'Content-Disposition: form-data; name="access_token"', '', token, '--x--', ''].join('\r\n')

/** Fails unless the token in this place was not taken. 400 and 401 are both in use for that (RFC 6750 §3.1). */
const expectNotTaken = (answer: Answer): void => expectStatus(answer, 400, 401, 405, 415)

/** Fails unless the request counts as one without credentials. */
export const expectNoCredentials = (answer: Answer): void => {
  expectChallenge(answer, 401, undefined)
  const challenge = answer.challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer')
  assert.ok((challenge?.attributes.length ?? 0) > 0, 'the challenge has no auth-param')
}

/** Rows 26 to 29: tokens in other places than one header. */
export const placeRows: readonly Row[] = [
  {
    row: 26,
    title: 'token in two places → 400 invalid_request',
    source: '6750 2, 3.1',
    cases: [
      testCase('header and form body', ['formResourceUrl'], async (server) => {
        const token = await resourceToken(server)
        const answer = await postForm(server.formResourceUrl, { access_token: token }, [bearer(token)])
        expectChallenge(answer, 400, 'invalid_request')
      }),
      testCase('two Authorization headers', ['resourceUrl'], async (server) => {
        const header = bearer(await resourceToken(server))
        expectChallenge(await send(server.resourceUrl, { headers: [header, header] }), 400, 'invalid_request')
      }),
      testCase('form access_token twice', ['formResourceUrl'], async (server) => {
        const token = await resourceToken(server)
        const answer = await postForm(server.formResourceUrl, [
          ['access_token', token],
          ['access_token', token],
        ])
        expectChallenge(answer, 400, 'invalid_request')
      }),
    ],
  },
  {
    row: 27,
    title: 'token in a form body → as configured; by GET, multipart or JSON → never',
    source: '6750 2.2',
    cases: [
      testCase('feature off', ['headerResourceUrl'], async (server) => {
        expectNoCredentials(await postForm(server.headerResourceUrl, { access_token: await resourceToken(server) }))
      }),
      testCase('feature on', ['formResourceUrl'], async (server) => {
        expectStatus(await postForm(server.formResourceUrl, { access_token: await resourceToken(server) }), 200)
      }),
      testCase('GET', ['formResourceUrl'], async (server) => {
        const body = formBody({ access_token: await resourceToken(server) })
        expectNotTaken(await send(server.formResourceUrl, { headers: [formType], body }))
      }),
      testCase('multipart', ['formResourceUrl'], async (server) => {
        const headers = [['Content-Type', 'multipart/form-data; boundary=x']] as const
        const body = multipart(await resourceToken(server))
        expectNotTaken(await send(server.formResourceUrl, { method: 'POST', headers, body }))
      }),
      testCase('JSON', ['formResourceUrl'], async (server) => {
        const headers = [['Content-Type', 'application/json']] as const
        const body = JSON.stringify({ access_token: await resourceToken(server) })
        expectNotTaken(await send(server.formResourceUrl, { method: 'POST', headers, body }))
      }),
    ],
  },
  {
    row: 28,
    title: 'token in the query → ignored: 401 as without credentials',
    source: 'v2-1 5.1',
    cases: [
      testCase('query', ['resourceUrl'], async (server) => {
        const query = formBody({ access_token: await resourceToken(server) })
        expectNoCredentials(await send(`${server.resourceUrl}?${query}`))
      }),
    ],
  },
  {
    row: 29,
    title: 'token in the query, legacy switch on → 200 and Cache-Control: private (or no-store)',
    source: '6750 2.3',
    cases: [
      testCase('query', ['queryResourceUrl'], async (server) => {
        const query = formBody({ access_token: await resourceToken(server) })
        const answer = await send(`${server.queryResourceUrl}?${query}`)
        expectStatus(answer, 200)
        const cacheControl = answer.header('cache-control') ?? '(none)'
        assert.match(cacheControl, /\b(private|no-store)\b/i, `Cache-Control is ${cacheControl}`)
      }),
    ],
  },
]
