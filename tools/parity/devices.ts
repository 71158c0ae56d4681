import { kept, leftOut, type ParitySection } from './row.ts'

/** Device authorization. */
export const deviceSection: ParitySection = {
  title: 'Device authorization',
  prefix: 'oauth2.rfc8628.',
  rows: [
    kept(
      'endpoints.pre_configured.DeviceApplicationServer',
      'DeviceApplicationServer',
      'with token endpoint, polling and refresh',
      ['device', 'DeviceApplicationServer has device codes and refresh tokens, and no other grant'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint | endpoints.device_authorization.DeviceAuthorizationEndpoint.create_device_authorization_response',
      'AuthorizationServer.createDeviceAuthorizationResponse | DeviceFlow',
      'JSON, stored, scopes checked',
      ['device', 'good → both codes, the page, and times; not to be cached'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint.validate_device_authorization_request',
      'AuthorizationServer.createDeviceAuthorizationResponse',
      'a part of it',
      ['device', 'a client without the grant → unauthorized_client'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint.verification_uri',
      'DeviceOptions.verificationUri',
      'the same',
      ['device', 'good → both codes, the page, and times; not to be cached'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint.verification_uri_complete',
      'DeviceOptions.verificationUri',
      'always that page with `user_code` in its query (RFC 8628 §3.3.1)',
      ['device', 'good → both codes, the page, and times; not to be cached'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint.expires_in',
      'DeviceOptions.deviceCodeExpiresIn',
      'enforced',
      ['device', 'too late → expired_token; long after → invalid_grant'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint.interval',
      'DeviceOptions.pollInterval',
      'enforced',
      ['device', 'before the decision → authorization_pending; too fast → slow_down, and 5 seconds more'],
    ),
    kept(
      'endpoints.device_authorization.DeviceAuthorizationEndpoint: user_code_generator',
      'DeviceOptions.userCodeGenerator',
      'a code that is taken is drawn again; short and easy to type by default',
      ['device', 'a user code generator that repeats itself → another is drawn, and 500 where there is none'],
    ),
    kept(
      'grant_types.device_code.DeviceCodeGrant | grant_types.device_code.DeviceCodeGrant.create_token_response',
      'DeviceCodeGrant',
      'looks at the device code: pending, slow_down, denied, expired, once',
      ['device', 'approved → tokens with what was granted, also where the device asks too soon; then never again'],
    ),
    kept(
      'grant_types.device_code.DeviceCodeGrant.validate_token_request',
      'DeviceCodeGrant.authorize | DeviceValidator',
      'a part of it',
      ['device', '8 polls at once after approval → one gets tokens'],
    ),
    kept('errors.AuthorizationPendingError', 'AuthorizationPendingError', 'thrown by the grant', [
      'device',
      'before the decision → authorization_pending; too fast → slow_down, and 5 seconds more',
    ]),
    kept('errors.SlowDownError', 'SlowDownError', 'thrown by the grant', [
      'device',
      'before the decision → authorization_pending; too fast → slow_down, and 5 seconds more',
    ]),
    kept('errors.ExpiredTokenError', 'ExpiredTokenError', 'thrown by the grant', [
      'device',
      'too late → expired_token; long after → invalid_grant',
    ]),
    kept('errors.AccessDenied', 'AccessDeniedError', 'thrown by the grant', ['device', 'denied → access_denied']),
    leftOut('clients.device.DeviceClient', 'client side'),
  ],
}
