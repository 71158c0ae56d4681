import type { Claim } from '../proofs/claim.ts'
import { by } from '../proofs/files.ts'
import { byDefault } from './row.ts'

/** Defaults of pages, limits, keys and what the server asks others. */
export const serverDefaults: readonly Claim[] = [
  byDefault('D34', ['`no-store` on all but metadata, keys and files of the theme', 'none'], by('attackToken', 'no answer is kept or guessed at: no-store, nosniff, JSON'), by('serverJourney', 'every page has its headers; login and consent allow their redirect as a form target')), // prettier-ignore
  byDefault(
    'D35',
    [
      'CSP without scripts and without inline styles, no frames, forms to known places alone, nosniff, no referrer, nothing from elsewhere',
      'none; `--profile openid` shows images of clients',
      'There are no scripts, so no digests of any, and no window that COOP would part from another one.',
    ],
    by('serverJourney', 'every page has its headers; login and consent allow their redirect as a form target'),
    by('attackPages', 'nothing is loaded from elsewhere, and no address goes along; form_post included'),
  ),
  byDefault(
    'D36',
    [
      '`__Host-`, Secure, HttpOnly, SameSite=Lax; a new session id at each login',
      'none',
      'On http, which an issuer can be on localhost alone, browsers take neither prefix nor Secure: no option is needed, and none can be set elsewhere.',
    ],
    by('serverJourney', 'cookies: HttpOnly and SameSite; on https also __Host- and Secure, and only that name is read'),
    by('serverJourney', 'a session id that was planted before the login is worth nothing'),
  ),
  byDefault('D37', ['a token in every form, `Sec-Fetch-Site` and `Origin`', 'none'], by('serverJourney', 'csrf wrong', 'Sec-Fetch-Site: cross-site', 'Origin of another site')), // prettier-ignore
  byDefault('D38', ['public clients are asked for each time, others for what is new; hosts are shown', '`--first-party` of a client'], by('serverOpenid', 'spa', 'consented, more scopes', 'shows who asks, for what, and where the answer goes')), // prettier-ignore
  byDefault('D39', ['what is wrong with a request of a client that registered itself is told here, unless the user has let it in before; others are told', '`--profile openid`', 'Also for `prompt=none`, by which anyone could have the server lead to his site: a client that nobody let in has no use for it.'], by('attackPages', 'a client that registered itself, as anyone can, has the server lead to its site (RFC 9700 §4.11.2)')), // prettier-ignore
  byDefault('D40', ['general texts; details in the log, by the id of the request', 'none'], by('messages', 'an exception of the validator → 500 that tells nothing'), by('logs', 'every answer has one of its own: pages, documents, what is not there')), // prettier-ignore
  byDefault('D41', ['secrets are compared by digests, in constant time', 'none'], by('timing', 'wrong in one way or in another -> the same time'), by('secretJwt', 'secrets are asked for in any case: the time taken says nothing'), by('assertionUse', 'The work tells nothing')), // prettier-ignore
  byDefault('D42', ['no secret is logged; what looks like one is hidden, at every level', 'none'], by('serverSecrets', 'a journey with all that is secret, and requests that go wrong -> none of it is logged, told, kept or sent')), // prettier-ignore
  byDefault('D43', ['no registration; where it is on: a token, 60 in an hour, a warning on pages, a week for what is not used', '`--registration open`'], by('registrationSettings', 'off: no endpoint, and none in the metadata; request objects are refused and not promised'), by('serverRegistration', 'tokens to register with: none, unknown, used up, expired → 401')), // prettier-ignore
  byDefault('D44', ['a client id that is a URL is a client id; where documents are on: https, public addresses, 5 KiB, no redirects, kept 5 minutes to 24 hours', '`clientIdMetadataDocuments`, `--client-documents`, `--profile mcp`; `--client-document-host` narrows it'], by('documents', '§5: the metadata says so; without the option nothing does, and the id is unknown', '5121 bytes', 'a redirect'), by('documentCache', 'max-age=3600', 'no-store → asked for every time')), // prettier-ignore
  byDefault('D45', ['https to public addresses, checked as the connection is made; 1.5 seconds, 64 KiB', '`--allow-private-host`, by name'], by('guarded', 'names that lead to addresses that are not public', '/endless'), by('registrationSettings', 'what clients name inside is not asked, but for hosts that were named')), // prettier-ignore
  byDefault('D46', ['no requests by reference', '`--request-objects`, from registered addresses alone'], by('registrationSettings', 'off: no endpoint, and none in the metadata; request objects are refused and not promised'), by('requestUri', 'another host')), // prettier-ignore
  byDefault('D47', ['the issuer is configuration, https but on localhost; headers of proxies mean nothing', '`--trusted-proxy`, for the address of a request alone'], by('serverProxies', 'a trusted proxy says where it was asked -> the issuer and its endpoints are as configured', 'a peer that is no proxy says who it is'), by('config', 'an issuer on plain http')), // prettier-ignore
  byDefault('D48', ['introspection and revocation for clients that authenticate; what is not theirs is inactive', '`isIntrospectionAllowed` of a validator'], by('introspecting', 'no or bad caller credentials → 401 invalid_client', 'token meant for another resource server → {"active":false}'), by('attackToken', 'refused introspection')), // prettier-ignore
  byDefault('D49', ['a store that fails is a 503, never a success', 'none'], by('faults', 'a store that fails at any call -> 5xx or a success that holds')), // prettier-ignore
  byDefault(
    'D50',
    [
      'bodies and queries of 64 KiB, 100 parameters, tokens of 16 KiB, JSON of 20 levels',
      '`maxBodyBytes`',
      'A state has no limit of its own: it is in the query, which Node limits to 16 KiB with all headers.',
    ],
    by('messages', '65537 bytes', '101 parameters'),
    by('forged', 'longer than 16 KiB'),
    by('jsonBodies', '21 levels'),
  ),
  byDefault(
    'D51',
    [
      'limits on logins, second factors, codes of devices and registrations, over all nodes; IPv6 by 64 bits',
      'none; `--registration-limit`',
      'No limit at the token endpoint: secrets are random, so guessing is hopeless, and locking a client out would be easy.',
    ],
    by(
      'loginLimits',
      'one address, one name: 10 of 14 at once, then none for five minutes, however the name is written',
    ),
    by('loginLimits', 'IPv6: the addresses of one network of 64 bits are one'),
    by('serverDevice', 'five tries in ten minutes for a user, in all sessions -> 429, even for the right code'),
    by('attackToken', 'fifty wrong secrets do not lock the client out'),
  ),
  byDefault('D52', ['2 seconds for the database in all of a request, 10 for headers, 15 for a request', 'none'], by('nodes', 'a table is locked and the pool is full -> 503 within 2.5 seconds, the wait for a connection included'), by('httpLayer', 'one whose time is over -> 408, and the connection ends')), // prettier-ignore
  byDefault('D53', ['keys are announced for 390 seconds at least, and kept for the longest token and 300 more', '`--key-rotation`, with floors'], by('rotations', '3 rotations under load -> no good token is refused, none is signed by a key that caches lack')), // prettier-ignore
  byDefault('D54', ['no key, client or user is built in; those for development are drawn, on localhost alone, where the server listens', '`--host`, `--issuer`'], by('command', 'an issuer that is not on localhost -> no development client, and a line that says so')), // prettier-ignore
  byDefault('D55', ['a code is shown to be compared, decided once, for 10 minutes, 5 tries', 'none'], by('serverDevice', 'log in, enter the code, compare, allow -> the device gets tokens with an ID token', 'the decision needs the form of its code: others are not tried by it')), // prettier-ignore
  byDefault('D56', ['a logout is asked about without a hint of this login; places are compared as strings', 'none; a hint of the login'], by('serverLogout', 'no hint', 'place that is longer')), // prettier-ignore
  byDefault('D58', ['unknown options are refused; names of prototypes are names', 'none'], by('extension', 'a misspelt option'), by('config', 'a name of every object'), by('jsonBodies', 'what is wanted in __proto__')), // prettier-ignore
]
