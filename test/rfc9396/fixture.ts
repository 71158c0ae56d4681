import {
  type AuthorizationServer,
  type Server,
  type AuthorizationDetail,
  type AuthorizationDetailOptions,
  type Client,
  type HttpResponse,
  type ServerOptions,
} from 'grantry'
import { z } from 'zod'
import { makeProvider, type Provider } from '../support/provider.ts'
import { form, pkce, redirected, request } from '../support/requests.ts'

/** The payment of RFC 9396 §2. */
export const payment = {
  type: 'payment_initiation',
  actions: ['initiate', 'status', 'cancel'],
  locations: ['https://example.com/payments'],
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
  creditorAccount: { iban: 'DE02100100109307118603' },
  remittanceInformationUnstructured: 'Ref Number Merchant',
}

/** The accounts of RFC 9396 §2. */
export const accounts = {
  type: 'account_information',
  actions: ['list_accounts', 'read_balances', 'read_transactions'],
  locations: ['https://example.com/accounts'],
}

const texts = z.array(z.string())

/** The types of both, and one whose parts may be smaller in a way of its own. */
export const types: AuthorizationDetailOptions['types'] = {
  payment_initiation: {
    schema: z.strictObject({
      type: z.literal('payment_initiation'),
      actions: texts,
      locations: texts,
      instructedAmount: z.strictObject({ currency: z.string(), amount: z.string() }),
      creditorName: z.string(),
      creditorAccount: z.object({ iban: z.string() }), // not strict: what it strips is unknown all the same
      remittanceInformationUnstructured: z.string().optional(),
    }),
    describe: (detail, language) => `${language}: pay ${detail['creditorName'] as string}`,
  },
  account_information: {
    schema: z.object({ type: z.literal('account_information'), actions: texts, locations: texts.optional() }),
  },
  limit: {
    schema: z.object({ type: z.literal('limit'), most: z.number() }),
    isWithin: (part, whole) => Number(part['most']) <= Number(whole['most']),
  },
}

/** A provider whose clients may ask for all types. */
export const makeRar = (options: ServerOptions = {}, client: Partial<Client> = {}): Promise<Provider<Server>> =>
  makeProvider(
    { issuer: 'https://as.example', authorizationDetails: { types }, pushedRequests: {}, ...options },
    { client: { authorizationDetailsTypes: Object.keys(types), ...client } },
  )

/** What a client sends for details. */
export const sent = (...details: readonly unknown[]): { readonly authorization_details: string } => ({
  authorization_details: JSON.stringify(details),
})

/** Lets `alice` grant what is asked for, or what a test says. */
export const authorize = async (
  { server }: Pick<Provider<AuthorizationServer>, 'server'>,
  parameters: Readonly<Record<string, string>>,
  granted?: readonly AuthorizationDetail[] | 'nothing',
  scopes?: readonly string[],
): Promise<{ readonly response: HttpResponse; readonly verifier: string }> => {
  const { verifier, challenge } = pkce()
  const all = { response_type: 'code', client_id: 'app', code_challenge: challenge, code_challenge_method: 'S256' }
  const query = new URLSearchParams({ ...all, ...parameters }).toString()
  const http = request('GET', `/authorize?${query}`)
  const validation = await server.validateAuthorizationRequest(http)
  if (!validation.ok) return { response: validation.response, verifier }
  const response = await server.createAuthorizationResponse(http, validation.request, {
    approved: true,
    user: { id: 'alice' },
    scopes: scopes ?? validation.request.scopes,
    authorizationDetails: granted === 'nothing' ? undefined : (granted ?? validation.request.authorizationDetails),
  })
  return { response, verifier }
}

/** Redeems the code of an answer. */
export const redeem = (
  { server, app }: Pick<Provider<Server>, 'server' | 'app'>,
  { response, verifier }: { readonly response: HttpResponse; readonly verifier: string },
  parameters: Readonly<Record<string, string>> = {},
): Promise<HttpResponse> => {
  const code = redirected(response).get('code') ?? ''
  return server.createTokenResponse(
    form({ grant_type: 'authorization_code', code, code_verifier: verifier, ...parameters }, app),
  )
}
