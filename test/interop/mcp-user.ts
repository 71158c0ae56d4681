/** What stands around the official client of MCP: where it keeps things, and the user whom it sends to the server. */
import assert from 'node:assert/strict'
import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js'
import { Browser } from '../server/browser.ts'

/** Where a program keeps what it was given: it can be written to a file. */
export interface Kept {
  clientInformation?: OAuthClientInformationMixed | undefined
  tokens?: OAuthTokens | undefined
  discovery?: OAuthDiscoveryState | undefined
}

/** A program with a user in front of it. */
export class Program implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:9/callback'
  readonly clientMetadata: OAuthClientMetadata
  readonly clientMetadataUrl?: string
  kept: Kept
  /** Where the user was sent to. */
  sentTo: URL | undefined
  #verifier = ''

  constructor(change: Partial<OAuthClientMetadata> = {}, clientMetadataUrl?: string, kept: Kept = {}) {
    this.kept = kept
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl
    this.clientMetadata = {
      client_name: 'Agent',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...change,
    }
  }

  state = (): string => 'a state of this program'
  clientInformation = () => this.kept.clientInformation
  saveClientInformation(clientInformation: OAuthClientInformationMixed): void {
    this.kept = { ...this.kept, clientInformation }
  }
  tokens = () => this.kept.tokens
  saveTokens(tokens: OAuthTokens): void {
    this.kept = { ...this.kept, tokens }
  }
  discoveryState = () => this.kept.discovery
  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.kept = { ...this.kept, discovery }
  }
  redirectToAuthorization(url: URL): void {
    this.sentTo = url
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }
  codeVerifier = (): string => this.#verifier
  invalidateCredentials(what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (what === 'all') this.kept = {}
    if (what === 'tokens') this.kept = { ...this.kept, tokens: undefined }
  }
}

/** The client over a new connection. */
export const open = (resource: string, program: Program) => ({
  client: new Client({ name: 'agent', version: '1.0.0' }),
  transport: new StreamableHTTPClientTransport(new URL(resource), { authProvider: program }),
})

/** Runs something that needs the user, and gives where he was sent to. */
export const sentBy = async (program: Program, run: Promise<unknown>): Promise<URL> => {
  await assert.rejects(run, UnauthorizedError)
  return program.sentTo ?? assert.fail('nobody was sent anywhere')
}

/** The user logs in where that is asked, allows everything, and comes back with a code. */
export const allow = async (url: URL, user: { readonly username: string; readonly password: string }) => {
  const page = await new Browser(url.origin).clickThrough(url.pathname + url.search, user.username, user.password)
  return new URL(page.location || assert.fail(page.text)).searchParams.get('code') ?? assert.fail(page.location)
}
