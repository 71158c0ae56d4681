import type {
  ApprovedBackchannel,
  BackchannelDecision,
  BackchannelHandles,
  BackchannelNotice,
  BackchannelPoll,
  BackchannelRequest,
  BackchannelValidator,
} from '../core/backchannel.ts'
import type {
  ApprovedDevice,
  DeviceAuthorization,
  DeviceCodes,
  DeviceDecision,
  DevicePoll,
  DeviceValidator,
} from '../core/device-authorization.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { PushedRequest, PushedRequestValidator } from '../core/pushed-request.ts'
import type { Client } from '../core/records.ts'
import { RequestValidator } from '../core/request-validator.ts'
import type { GuardedStore } from './guarded-store.ts'
import { StoreBackchannel } from './store-backchannel.ts'
import { StoreDevices } from './store-devices.ts'
import { StorePushedRequests } from './store-pushed-requests.ts'
import type { TokenDigest } from './token-digest.ts'

/** What of the validator contract the tickets of a store keep: device codes, pushed requests, and requests to users who are somewhere else. */
export abstract class TicketValidator
  extends RequestValidator
  implements DeviceValidator, PushedRequestValidator, BackchannelValidator
{
  readonly #devices: StoreDevices
  readonly #pushedRequests: StorePushedRequests
  readonly #backchannel: StoreBackchannel

  constructor(store: GuardedStore, digest: TokenDigest) {
    super()
    this.#devices = new StoreDevices(store, digest)
    this.#pushedRequests = new StorePushedRequests(store, digest)
    this.#backchannel = new StoreBackchannel(store, digest)
  }

  saveDeviceCode(codes: DeviceCodes, record: DeviceAuthorization, { now }: OAuthRequest): Promise<boolean> {
    return this.#devices.save(codes.deviceCode, codes.userCode, record, now)
  }

  /** Five tries in ten minutes. */
  allowUserCodeAttempt(by: string, now: number): Promise<boolean> {
    return this.#devices.allowAttempt(by, now)
  }

  findDeviceAuthorization(userCode: string, now: number): Promise<DeviceAuthorization | undefined> {
    return this.#devices.find(userCode, now)
  }

  decideDeviceAuthorization(userCode: string, decision: DeviceDecision, now: number): Promise<boolean> {
    return this.#devices.decide(userCode, decision, now)
  }

  savePushedRequest(id: string, record: PushedRequest, now: number): Promise<void> {
    return this.#pushedRequests.save(id, record, now)
  }

  openPushedRequest(id: string, client: Client, now: number): Promise<PushedRequest | undefined> {
    return this.#pushedRequests.open(id, client, now)
  }

  consumePushedRequest(id: string, client: Client, now: number): Promise<PushedRequest | 'reused' | undefined> {
    return this.#pushedRequests.consume(id, client, now)
  }

  pollDeviceCode(deviceCode: string, client: Client, { now }: OAuthRequest): Promise<DevicePoll | undefined> {
    return this.#devices.poll(deviceCode, client, now)
  }

  consumeDeviceCode(
    deviceCode: string,
    client: Client,
    { now }: OAuthRequest,
  ): Promise<ApprovedDevice | 'reused' | undefined> {
    return this.#devices.consume(deviceCode, client, now)
  }

  saveBackchannelRequest(
    handles: BackchannelHandles,
    record: BackchannelRequest,
    notice: BackchannelNotice | undefined,
    { now }: OAuthRequest,
  ): Promise<void> {
    return this.#backchannel.save(handles, record, notice, now)
  }

  /** Five tries in ten minutes. */
  allowBackchannelUserCode(userId: string, now: number): Promise<boolean> {
    return this.#backchannel.allowUserCode(userId, now)
  }

  findBackchannelRequest(decisionId: string, now: number): Promise<BackchannelRequest | undefined> {
    return this.#backchannel.find(decisionId, now)
  }

  decideBackchannelRequest(
    decisionId: string,
    decision: BackchannelDecision,
    now: number,
  ): Promise<BackchannelNotice | undefined | null> {
    return this.#backchannel.decide(decisionId, decision, now)
  }

  pollBackchannelRequest(authReqId: string, client: Client, now: number): Promise<BackchannelPoll | undefined> {
    return this.#backchannel.poll(authReqId, client, now)
  }

  consumeBackchannelRequest(
    authReqId: string,
    client: Client,
    now: number,
  ): Promise<ApprovedBackchannel | 'reused' | undefined> {
    return this.#backchannel.consume(authReqId, client, now)
  }
}
