import type { DeviceDecision } from '../core/device-authorization.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import {
  decideDevice,
  deviceAuthorization,
  findDevice,
  type DeviceEndpointContext,
  type DeviceLookup,
} from '../endpoints/device-authorization.ts'
import { isLifetime } from '../tokens/bearer-options.ts'
import { randomUserCode } from '../util/user-code.ts'

/** How devices are authorized (RFC 8628). */
export interface DeviceOptions {
  /** The page of yours where users enter the code: short, https (http on localhost). */
  readonly verificationUri: string
  /** How long the codes are valid, in seconds. Default: 600. */
  readonly deviceCodeExpiresIn?: number | undefined
  /** Least time between two polls of a device, in seconds. Default: 5. */
  readonly pollInterval?: number | undefined
  /** Makes user codes. Default: `XXXX-XXXX` of 20 letters that are not taken for each other. */
  readonly userCodeGenerator?: (() => string) | undefined
}

/** The part of a server that your code entry page works with. */
export class DeviceFlow {
  readonly #context: DeviceEndpointContext

  constructor(
    context: Omit<
      DeviceEndpointContext,
      'verificationUri' | 'makeUserCode' | 'expiresIn' | 'interval' | 'validator'
    > & { readonly validator: Pick<DeviceEndpointContext['validator'], 'validateClientId'> },
    options: DeviceOptions,
  ) {
    const { deviceCodeExpiresIn: expiresIn = 600, pollInterval: interval = 5 } = options
    if (!isLifetime(expiresIn)) throw new ConfigurationError('deviceCodeExpiresIn must be whole seconds above 0.')
    if (!isLifetime(interval)) throw new ConfigurationError('pollInterval must be whole seconds above 0.')
    if (!URL.canParse(options.verificationUri) || options.verificationUri.includes('#'))
      throw new ConfigurationError('verificationUri must be an absolute URL without fragment.')
    this.#context = {
      ...context,
      validator: context.validator as DeviceEndpointContext['validator'], // requireMethods has checked the slice `device`
      verificationUri: options.verificationUri,
      makeUserCode: options.userCodeGenerator ?? randomUserCode,
      expiresIn,
      interval,
    }
  }

  /** Answers a device authorization request (RFC 8628 §3.2). */
  createResponse(request: HttpRequest): Promise<HttpResponse> {
    return deviceAuthorization(request, this.#context)
  }

  /**
   * The request behind a user code, however it is written, to show to the user: who asks, and for what. Also for a code that came in the URL
   * of the page: the user must compare it with the one on the device and agree (RFC 8628 §3.3.1). `by` is whose tries are counted: the
   * session or account of the user, else the address.
   */
  find(
    http: Pick<HttpRequest, 'headers'>,
    code: { readonly userCode: string; readonly by: string },
  ): Promise<DeviceLookup> {
    return findDevice(http, code, this.#context)
  }

  /**
   * Stores what the user decided and says whether the request still waited: it may be decided or expired. Throws an `InvalidScopeError`
   * for scopes that were not asked for.
   */
  decide(userCode: string, decision: DeviceDecision): Promise<boolean> {
    return decideDevice(userCode, decision, this.#context)
  }
}
