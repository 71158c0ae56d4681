import { by } from '../proofs/files.ts'
import { module } from './row.ts'

/** Modules of the three profiles of logout. */
export const logoutModules = [
  module(
    'rp-initiated-logout-discovery-endpoint-verification',
    'logout',
    'the document names the logout page',
    by('serverLogout', 'the metadata names it'),
  ),
  module(
    'rp-initiated-logout',
    'logout',
    'hint, place and state: sent there, and the login is over',
    by('certifiedLogins', 'with hint, place and state -> there with the state, and prompt=none needs a login'),
    by('serverLogout', 'GET', 'POST of another site'),
  ),
  module(
    'rp-initiated-logout-bad-post-logout-redirect-uri',
    'logout',
    'a place that is not registered: nothing is sent there',
    by('serverLogout', 'place that is not registered'),
  ),
  module(
    'rp-initiated-logout-modified-id-token-hint',
    'logout',
    'a hint that was changed: an error page',
    by('serverLogout', 'hint changed, or of another client than client_id says -> an error page'),
  ),
  module(
    'rp-initiated-logout-bad-id-token-hint',
    'logout',
    'a hint that is none: an error page',
    by('serverLogout', 'hint that is no ID token'),
  ),
  module(
    'rp-initiated-logout-no-id-token-hint',
    'logout',
    'no hint: asked first, or not sent on',
    by('serverLogout', 'place of nobody', 'no hint, with client and place'),
  ),
  module(
    'rp-initiated-logout-no-params',
    'logout',
    'nothing at all: asked first',
    by('certifiedLogins', 'state alone, and nothing at all -> the page that asks; after its button the login is over'),
    by('serverLogout', 'no hint'),
  ),
  module(
    'rp-initiated-logout-no-post-logout-redirect-uri',
    'logout',
    'a hint alone: a page that says so',
    by('serverLogout', 'without a place to go to -> a page'),
  ),
  module(
    'rp-initiated-logout-no-state',
    'logout',
    'no state: none behind the place',
    by('certifiedLogins', 'without state -> there, and nothing behind it'),
  ),
  module(
    'rp-initiated-logout-only-state',
    'logout',
    'a state alone: asked first',
    by('certifiedLogins', 'state alone, and nothing at all -> the page that asks; after its button the login is over'),
  ),
  module(
    'rp-initiated-logout-query-added-to-post-logout-redirect-uri',
    'logout',
    'a registered place with more behind it: an error page',
    by('serverLogout', 'place that is longer'),
  ),
  module(
    'frontchannel-logout-discovery-endpoint-verification',
    'frontchannel',
    'the document says that frames are loaded, with sessions',
    by('serverTells', 'the metadata promises both, with the session'),
  ),
  module(
    'frontchannel-rp-initiated-logout',
    'frontchannel',
    'the logout page loads what the client registered, with iss and sid',
    by('serverTells', 'the page loads what the client registered, with issuer and session, and leads on'),
    by('frames', 'the frame is loaded with issuer and session, then the browser comes back'),
  ),
  module(
    'backchannel-logout-discovery-endpoint-verification',
    'backchannel',
    'the document says that logout tokens are sent, with sessions',
    by('serverTells', 'the metadata promises both, with the session'),
  ),
  module(
    'backchannel-rp-initiated-logout',
    'backchannel',
    'the client is sent a logout token that holds, of that session',
    by(
      'serverTells',
      'every client of the session is told, each with a token of its own; those of other sessions are not',
    ),
    by('logoutToken', 'what our server sends: logout+jwt, at most 120 s, a jti of its own, the event, no nonce'),
    by('tells', 'the client gets one logout token as a form, and nothing is left'),
  ),
]
