import type { HttpHandler } from '../core/http.ts'
import type { SliceName } from '../core/slices.ts'
import { BackchannelFlow, type BackchannelOptions, type BackchannelParts } from './backchannel-flow.ts'
import type { EndpointParts } from './parts.ts'

/**
 * The endpoints of an OpenID provider alone: these, and that of the backchannel, where it is on. The flow that begins there is undefined until the
 * endpoints are made.
 */
export const openIdEndpoints = (
  paths: Readonly<Record<string, HttpHandler>>,
  backchannel: BackchannelOptions | undefined,
  parts: Pick<BackchannelParts, 'issuer' | 'jwts' | 'outbound' | 'fetchKeys'>,
) => {
  let flow: BackchannelFlow | undefined
  return {
    flow: () => flow,
    slices: backchannel === undefined ? [] : (['backchannel', 'replay'] satisfies SliceName[]),
    endpoints: (server: EndpointParts): Readonly<Record<string, HttpHandler>> => {
      if (backchannel === undefined) return paths
      const made = (flow = new BackchannelFlow({ ...server, ...parts }, backchannel))
      return { ...paths, [backchannel.path ?? '/bc-authorize']: (http) => made.createResponse(http) }
    },
  }
}
