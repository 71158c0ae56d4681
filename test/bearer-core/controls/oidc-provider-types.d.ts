// oidc-provider ships no types. This declares what the control uses of it.
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  interface Client {
    readonly clientId: string
    readonly clientAuthMethod: string
    grantTypeAllowed(grantType: string): boolean
  }

  interface Token {
    readonly kind: string
    readonly clientId: string
    readonly aud?: string | readonly string[]
  }

  interface Context {
    readonly oidc: {
      readonly client: Client
      readonly session: { readonly accountId: string }
      readonly params: Readonly<Record<string, string | readonly string[] | undefined>>
      readonly provider: Provider
    }
  }

  interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>)
    readonly Grant: new (properties: { readonly accountId: string; readonly clientId: string }) => Grant
    callback(): RequestListener
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly params: Readonly<Record<string, unknown>> }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ): Promise<void>
  }

  namespace errors {
    class InvalidTarget extends Error {}
  }
}
