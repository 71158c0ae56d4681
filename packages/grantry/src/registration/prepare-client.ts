import type { Awaitable } from '../core/awaitable.ts'
import type { JsonMembers } from '../core/read-json.ts'
import type { ClientDraft, RegistrationContext, RegistrationPolicy } from '../core/registration.ts'
import { InvalidClientMetadataError, InvalidSoftwareStatementError } from '../core/registration-errors.ts'
import type { Claims } from '../core/claims.ts'
import type { KeySet } from '../keys/key-set.ts'
import { verifySoftwareStatement } from '../keys/software-statement.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { settleMetadata, type RegistrationOffer } from './consistency.ts'
import { requireFetchable } from './fetchable.ts'
import { readClientMetadata } from './members.ts'
import { joinSector } from './sector-identifier.ts'

/** By what a client is judged that registers or updates itself. */
export interface RegistrationRules {
  readonly offer: RegistrationOffer
  /** Keys of the issuers of software statements, by their `iss`; none: statements are ignored (RFC 7591 §3.1.1). */
  readonly statementIssuers: ReadonlyMap<string, KeySet>
  readonly requiresStatement: boolean
  readonly policy: RegistrationPolicy | undefined
  readonly outbound: OutboundClient
  /** What can be signed for clients, by what names of members begin with. */
  readonly signingAlgorithms: Readonly<Record<string, () => Awaitable<readonly string[]>>>
  /** This server. */
  readonly issuer: string
}

/** What is to be registered. */
export interface PreparedClient {
  readonly draft: ClientDraft
  readonly softwareStatement: string | undefined
}

const readStatement = (json: JsonMembers, { statementIssuers, requiresStatement }: RegistrationRules) => {
  const statement = statementIssuers.size > 0 ? json.get('software_statement') : undefined
  if (typeof statement === 'string') return statement
  if (statement !== undefined) throw new InvalidSoftwareStatementError(undefined, { detail: 'it is no string' })
  if (requiresStatement)
    throw new InvalidClientMetadataError(undefined, { description: 'A software_statement is required.' })
  return undefined
}

/** Refuses a client that nothing could be signed for. */
const requireSignable = async (draft: ClientDraft, { signingAlgorithms }: RegistrationRules): Promise<void> => {
  const asked = {
    id_token: draft.idTokenSigningAlgorithm,
    userinfo: draft.userInfoSigningAlgorithm,
    authorization: draft.authorizationSigningAlgorithm,
    introspection: draft.introspectionSigningAlgorithm,
  }
  for (const [name, algorithm] of Object.entries(asked)) {
    const offered = await signingAlgorithms[name]?.()
    if (offered === undefined || algorithm === undefined || offered.includes(algorithm)) continue
    const description = `${name}_signed_response_alg: ${algorithm} is not offered; choose of ${offered.join(', ')}.`
    throw new InvalidClientMetadataError('client_metadata_invalid', { description })
  }
}

/**
 * Makes a client of what was sent: reads it, with the claims of the software statement before plain members (RFC 7591 §2.3), settles it, asks
 * the policy, and the document of the sector last. Throws the error that is to be sent.
 */
export const prepareClient = async (
  json: JsonMembers,
  rules: RegistrationRules,
  context: Omit<RegistrationContext, 'softwareStatement'>,
  now: number,
): Promise<PreparedClient> => {
  const { offer, statementIssuers: issuers, issuer, policy, outbound } = rules
  const softwareStatement = readStatement(json, rules)
  const claims: Claims | undefined =
    softwareStatement === undefined
      ? undefined
      : await verifySoftwareStatement(softwareStatement, { issuers, issuer }, now)
  const members: JsonMembers = new Map([...json, ...Object.entries(claims ?? {})])
  const settled = settleMetadata(readClientMetadata(members), offer)
  requireFetchable(settled, outbound)
  await requireSignable(settled, rules)
  const judged = policy === undefined ? settled : await policy(settled, { ...context, softwareStatement: claims })
  if (judged === false)
    throw new InvalidClientMetadataError('registration_refused', { description: 'The registration is refused.' })
  return { draft: await joinSector(judged, outbound, now), softwareStatement }
}
