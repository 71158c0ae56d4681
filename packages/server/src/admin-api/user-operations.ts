import type { Claims } from 'grantry'
import { z } from 'zod'
import {
  describeConsent,
  describePasskey,
  describeSession,
  describeUser,
  describeUserDetails,
} from '../admin/describe.ts'
import { text } from '../config/setting.ts'
import { operation, type Operation } from './operation.ts'
import { pageQuery, schemas } from './schemas.ts'

/** What JSON says of claims: those that are null are to be forgotten. */
const toClaims = (given: Readonly<Record<string, unknown>> = {}): Claims =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? undefined])) as Claims // it came as JSON

/** What the API does with users. */
export const userOperations: readonly Operation[] = [
  operation({
    ...{ id: 'listUsers', route: 'GET /v1/users', access: 'read', summary: 'Users in the order of their names.' },
    query: z.strictObject({ ...pageQuery, search: text.optional().describe('how the name or the address begins') }),
    answer: { status: 200, schema: schemas.Users },
    run: async ({ users }, { query }) => {
      const { items, next } = await users.list(query)
      return { body: { items: items.map(describeUser), next } }
    },
  }),
  operation({
    ...{ id: 'createUser', route: 'POST /v1/users', access: 'write', summary: 'Makes a user.' },
    body: schemas.NewUser,
    answer: { status: 201, schema: schemas.CreatedUser },
    run: async ({ users }, { body }) => {
      const { user, password } = await users.create({ ...body, claims: toClaims(body.claims) })
      return { body: { user: describeUser(user), password }, version: user.version, location: `/v1/users/${user.id}` }
    },
  }),
  operation({
    ...{ id: 'showUser', route: 'GET /v1/users/{userId}', access: 'read', summary: 'One user, by id or name.' },
    answer: { status: 200, schema: schemas.UserDetails },
    run: async ({ users }, { path: { userId = '' } }) => {
      const user = await users.show(userId)
      return { body: describeUserDetails(user), version: user.version }
    },
  }),
  operation({
    ...{ id: 'updateUser', route: 'PATCH /v1/users/{userId}', access: 'write' },
    summary: 'Changes what clients may be told of a user.',
    isGuarded: true,
    body: schemas.UserChange,
    answer: { status: 200, schema: schemas.User },
    run: async ({ users }, { path: { userId = '' }, body, version }) => {
      const user = await users.changeClaims(userId, toClaims(body.claims), version)
      return { body: describeUser(user), version: user.version }
    },
  }),
  operation({
    ...{ id: 'deleteUser', route: 'DELETE /v1/users/{userId}', access: 'write' },
    summary: 'Deletes a user with all logins, grants, consents and factors.',
    answer: { status: 204 },
    run: async ({ users }, { path: { userId = '' } }) => {
      await users.delete(userId)
      return {}
    },
  }),
  operation({
    ...{ id: 'disableUser', route: 'POST /v1/users/{userId}/disable', access: 'write' },
    summary: 'Keeps a user out, and ends all logins and grants.',
    answer: { status: 200, schema: schemas.User },
    run: async ({ users }, { path: { userId = '' } }) => ({ body: describeUser(await users.disable(userId)) }),
  }),
  operation({
    ...{ id: 'enableUser', route: 'POST /v1/users/{userId}/enable', access: 'write' },
    summary: 'Lets a user who is disabled log in again.',
    answer: { status: 200, schema: schemas.User },
    run: async ({ users }, { path: { userId = '' } }) => ({ body: describeUser(await users.enable(userId)) }),
  }),
  operation({
    ...{ id: 'setPassword', route: 'PUT /v1/users/{userId}/password', access: 'write' },
    summary: 'Gives a user a new password, and ends all logins.',
    body: schemas.NewPassword,
    answer: { status: 200, schema: schemas.Password },
    run: async ({ users }, { path: { userId = '' }, body }) => {
      const { password } = await users.setPassword(userId, body.password)
      return { body: { password } }
    },
  }),
  operation({
    ...{ id: 'removeSecondFactor', route: 'DELETE /v1/users/{userId}/second-factor', access: 'write' },
    summary: 'Takes the second factor away from a user who has lost it.',
    answer: { status: 204 },
    run: async ({ users }, { path: { userId = '' } }) => {
      await users.removeSecondFactor(userId)
      return {}
    },
  }),
  operation({
    ...{ id: 'makeAdmin', route: 'PUT /v1/users/{userId}/admin', access: 'write' },
    summary: 'Makes a user an administrator, who may use the console.',
    answer: { status: 200, schema: schemas.User },
    run: async ({ users }, { path: { userId = '' } }) => ({ body: describeUser(await users.setAdmin(userId, true)) }),
  }),
  operation({
    ...{ id: 'unmakeAdmin', route: 'DELETE /v1/users/{userId}/admin', access: 'write' },
    summary: 'Makes an administrator an ordinary user.',
    answer: { status: 200, schema: schemas.User },
    run: async ({ users }, { path: { userId = '' } }) => ({ body: describeUser(await users.setAdmin(userId, false)) }),
  }),
  operation({
    ...{ id: 'listSessions', route: 'GET /v1/users/{userId}/sessions', access: 'read' },
    summary: 'Where a user is logged in.',
    answer: { status: 200, schema: schemas.Sessions },
    run: async ({ users, sessions }, { path: { userId = '' } }) => {
      const { id } = await users.show(userId)
      return { body: { items: (await sessions.list(id)).map(describeSession) } }
    },
  }),
  operation({
    ...{ id: 'endSession', route: 'DELETE /v1/users/{userId}/sessions/{sessionId}', access: 'write' },
    summary: 'Ends a login, with what was granted in it.',
    answer: { status: 204 },
    run: async ({ users, sessions }, { path: { userId = '', sessionId = '' } }) => {
      await sessions.end((await users.show(userId)).id, sessionId)
      return {}
    },
  }),
  operation({
    ...{ id: 'listPasskeys', route: 'GET /v1/users/{userId}/passkeys', access: 'read' },
    summary: 'The passkeys of a user.',
    answer: { status: 200, schema: schemas.Passkeys },
    run: async ({ users }, { path: { userId = '' } }) => ({
      body: { items: (await users.passkeys(userId)).map(describePasskey) },
    }),
  }),
  operation({
    ...{ id: 'removePasskey', route: 'DELETE /v1/users/{userId}/passkeys/{passkeyId}', access: 'write' },
    summary: 'Takes a passkey away that is lost, and ends all logins.',
    answer: { status: 204 },
    run: async ({ users }, { path: { userId = '', passkeyId = '' } }) => {
      await users.removePasskey(userId, passkeyId)
      return {}
    },
  }),
  operation({
    ...{ id: 'listConsents', route: 'GET /v1/users/{userId}/consents', access: 'read' },
    summary: 'Which clients a user let in.',
    answer: { status: 200, schema: schemas.Consents },
    run: async ({ users }, { path: { userId = '' } }) => ({
      body: { items: (await users.consents(userId)).map(describeConsent) },
    }),
  }),
]
