import assert from 'node:assert/strict'
import type { KeyObject } from 'node:crypto'
import type { Answer } from './http.ts'
import { decode, type Json, sign } from './jws.ts'
import { testCase, type With } from './row.ts'
import { callResource, clientToken, expectChallenge, expectStatus, summary } from './steps.ts'

/** A resource whose signing key the suite may use. */
export type Guarded = With<'resourceUrl' | 'signingKey'>

/** What a forged token changes in a good one; undefined takes a member away. */
export interface Change {
  readonly header?: Json
  readonly claims?: Json
  /** Signs with this instead of the key of the server. */
  readonly key?: KeyObject | string | Buffer
}

/** What a row of forged tokens needs. */
export const needs = ['resourceUrl', 'signingKey'] as const

/** A live token, re-signed with the server's own key after the change. */
export const forge = async (server: Guarded, { header = {}, claims = {}, key }: Change = {}): Promise<string> => {
  const good = decode(await clientToken(server, server.requiredScope))
  const changed = { header: { ...good.header, ...header }, claims: { ...good.claims, ...claims } }
  return sign(changed, key ?? server.signingKey.privateKey)
}

/** Calls the resource with a forged token. */
export const call = async (server: Guarded, change?: Change): Promise<Answer> =>
  callResource(server.resourceUrl, await forge(server, change))

/** Fails unless a re-signed token is taken as it is, so that a refusal means what it seems to mean. */
export const expectControl = async (server: Guarded): Promise<void> => {
  const answer = await call(server)
  assert.equal(answer.status, 200, `control: the unchanged token is answered ${summary(answer)}`)
}

/** A case whose changed token is taken. */
export const accepted = (name: string, change: (server: Guarded) => Change) =>
  testCase(name, needs, async (server) => expectStatus(await call(server, change(server)), 200))

/** A case whose changed token is refused, while the unchanged one is taken. */
export const refused = (name: string, change: (server: Guarded) => Change) =>
  testCase(name, needs, async (server) => {
    await expectControl(server)
    expectChallenge(await call(server, change(server)), 401, 'invalid_token')
  })

/** Like `refused`, for a change of the text of a token. */
export const refusedText = (name: string, change: (token: string) => string, statuses: readonly number[] = [401]) =>
  testCase(name, needs, async (server) => {
    await expectControl(server)
    expectStatus(await callResource(server.resourceUrl, change(await forge(server))), ...statuses)
  })
