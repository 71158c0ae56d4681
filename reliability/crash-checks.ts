import type { Server } from 'grantry'
import { countRows, openPlace, type CrashPlace } from './crash-place.ts'
import { membersOf, send, type Case } from '../packages/grantry/src/testing/fault-flows.ts'
import { makeServer } from '../packages/grantry/src/testing/sample-provider.ts'

const isActive = async (server: Server, given: Case, token: unknown): Promise<boolean> => {
  const response = await send(server, {
    ...given,
    endpoint: 'introspect',
    parameters: { ...given.parameters, token: String(token) },
  })
  return membersOf(response)['active'] === true
}

const orphans = (table: string): string =>
  `${table} AS kept WHERE grant_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM "grant" AS family WHERE family.realm = kept.realm AND family.id = kept.grant_id) AND '' = ?`

/** A client that got no answer sends a code again, twice. */
const checkCode = async (server: Server, given: Case, place: CrashPlace): Promise<readonly string[]> => {
  const saved = await countRows(place, 'access_token WHERE grant_id = ?', given.grantId ?? '')
  const answers = [await send(server, given), await send(server, given)]
  const successes = answers.filter(({ status }) => status === 200).length
  const problems: string[] = []
  if (saved > 0 && successes > 0) problems.push('tokens were saved and the code is redeemed again')
  if (successes > 1) problems.push('a code is redeemed twice')
  if (saved > 1) problems.push('more than one access token was saved')
  return problems
}

/** A client that got no answer sends a refresh token again, twice, within the grace. */
const checkRefresh = async (server: Server, given: Case, place: CrashPlace): Promise<readonly string[]> => {
  const answers = [await send(server, given), await send(server, given)]
  const problems: string[] = []
  if (answers.some(({ status }) => status !== 200)) problems.push('a refresh cannot be repeated after a crash')
  const [first, second] = answers.map((answer) => membersOf(answer)['refresh_token'])
  if (first !== second) problems.push('a refresh token has two successors')
  const live = await countRows(place, 'refresh_token WHERE grant_id = ? AND superseded_at IS NULL', given.grantId ?? '')
  if (live !== 1) problems.push(`${live} refresh tokens of a family are live`)
  return problems
}

const checkRetry = async (server: Server, given: Case): Promise<readonly string[]> => {
  const response = await send(server, given)
  const members = membersOf(response)
  if (response.status >= 400) return [`the request cannot be repeated: ${response.status}`]
  if (given.endpoint === 'revoke')
    return (await isActive(server, given, given.subject)) ? ['a token outlives its revocation'] : []
  if (given.endpoint !== 'token') return []
  return (await isActive(server, given, members['access_token'])) ? [] : ['a token is not active']
}

/** Opens what an ended process left, and does what its client would do. */
export const checkPlace = async (place: CrashPlace, given: Case): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const table of ['access_token', 'refresh_token', 'code'])
    if ((await countRows(place, orphans(table), '')) > 0) problems.push(`a row of ${table} has no family`)
  const { store, close } = openPlace(place)
  try {
    const server = makeServer(store)
    const grantType = given.parameters['grant_type']
    if (grantType === 'authorization_code') problems.push(...(await checkCode(server, given, place)))
    else if (grantType === 'refresh_token') problems.push(...(await checkRefresh(server, given, place)))
    else problems.push(...(await checkRetry(server, given)))
    return problems
  } finally {
    await close()
  }
}
