"""Answers scripted requests with oauthlib: one scenario per line of JSON in, its observations per line of JSON out.

The validator is what oauthlib's documentation describes, over dictionaries, and notes the order in which it is asked.
"""
import base64
import json
import sys
import time
from urllib.parse import unquote_plus

from oauthlib import __version__, oauth2

USERS = {'alice': 'wonderland'}
LIFETIME = 600


class Client:
    def __init__(self, client_id, record):
        self.client_id = client_id
        self.secret = record.get('secret')
        self.redirect_uris = record['redirectUris']
        self.grant_types = record['grantTypes']
        self.response_types = record['responseTypes']
        self.scopes = record['scopes']
        self.default_scopes = record['defaultScopes']


class Validator(oauth2.RequestValidator):
    def __init__(self, clients):
        self.clients = {name: Client(name, record) for name, record in clients.items()}
        self.codes, self.access, self.refresh, self.called = {}, {}, {}, []

    def client_authentication_required(self, request):
        client = self.clients.get(request.client_id)
        return client is None or client.secret is not None

    def authenticate_client(self, request):
        header = request.headers.get('Authorization', '')
        if header.lower().startswith('basic '):
            name, _, secret = base64.b64decode(header[6:]).decode().partition(':')
            name, secret = unquote_plus(name), unquote_plus(secret)
        else:
            name, secret = request.client_id, request.client_secret
        client = self.clients.get(name)
        if client is None or client.secret is None or client.secret != secret:
            return False
        request.client = client
        return True

    def authenticate_client_id(self, client_id, request):
        request.client = self.clients.get(client_id)
        return request.client is not None

    def validate_client_id(self, client_id, request):
        request.client = self.clients.get(client_id)
        return request.client is not None

    def validate_redirect_uri(self, client_id, redirect_uri, request):
        return redirect_uri in request.client.redirect_uris

    def get_default_redirect_uri(self, client_id, request):
        uris = request.client.redirect_uris
        return uris[0] if len(uris) == 1 else None

    def validate_response_type(self, client_id, response_type, client, request):
        return response_type in client.response_types

    def is_pkce_required(self, client_id, request):
        return True

    def get_code_challenge(self, code, request):
        return self.codes[code]['challenge']

    def get_code_challenge_method(self, code, request):
        return self.codes[code]['method']

    def get_default_scopes(self, client_id, request):
        return request.client.default_scopes

    def validate_scopes(self, client_id, scopes, client, request):
        return all(scope in client.scopes for scope in scopes)

    def save_authorization_code(self, client_id, code, request):
        self.codes[code['code']] = {
            'client_id': client_id,
            'user': request.user,
            'scopes': request.scopes,
            'redirect_uri': request.redirect_uri,
            'challenge': request.code_challenge,
            'method': request.code_challenge_method,
        }

    def validate_code(self, client_id, code, client, request):
        record = self.codes.get(code)
        if record is None or record['client_id'] != client_id:
            return False
        request.user, request.scopes = record['user'], record['scopes']
        return True

    def confirm_redirect_uri(self, client_id, code, redirect_uri, client, request):
        return self.codes[code]['redirect_uri'] == redirect_uri

    def invalidate_authorization_code(self, client_id, code, request):
        del self.codes[code]

    def validate_user(self, username, password, client, request):
        request.user = username
        return USERS.get(username) == password

    def validate_grant_type(self, client_id, grant_type, client, request):
        return grant_type in client.grant_types

    def validate_refresh_token(self, refresh_token, client, request):
        record = self.refresh.get(refresh_token)
        if record is None or record['client_id'] != client.client_id:
            return False
        request.user = record['user']
        return True

    def get_original_scopes(self, refresh_token, request):
        return self.refresh[refresh_token]['scopes']

    def rotate_refresh_token(self, request):
        return request.client.secret is None

    def save_bearer_token(self, token, request):
        now = int(time.time())
        record = {
            'client_id': request.client.client_id,
            'user': request.user,
            'scopes': request.scopes,
            'iat': now,
            'exp': now + LIFETIME,
        }
        self.access[token['access_token']] = record
        if 'refresh_token' in token and token['refresh_token'] != request.refresh_token:
            self.refresh.pop(request.refresh_token, None)
            self.refresh[token['refresh_token']] = record

    def validate_bearer_token(self, token, scopes, request):
        record = self.access.get(token)
        return record is not None and all(scope in record['scopes'] for scope in scopes)

    def revoke_token(self, token, token_type_hint, request):
        for tokens in (self.access, self.refresh):
            if token in tokens and tokens[token]['client_id'] == request.client.client_id:
                del tokens[token]

    def introspect_token(self, token, token_type_hint, request):
        record = self.access.get(token) or self.refresh.get(token)
        if record is None:
            return None
        return {
            'scope': ' '.join(record['scopes']),
            'client_id': record['client_id'],
            'sub': record['user'] or record['client_id'],
            'iat': record['iat'],
            'exp': record['exp'],
            'token_type': 'Bearer',
        }

    def is_origin_allowed(self, client_id, origin, request):
        return origin == 'https://app.example'


class Recorder:
    """Notes which methods of the validator are called."""

    def __init__(self, validator):
        self.validator = validator

    def __getattr__(self, name):
        found = getattr(self.validator, name)
        if not callable(found):
            return found

        def call(*args, **kwargs):
            self.validator.called.append(name)
            return found(*args, **kwargs)

        return call


SERVERS = {
    'WebApplicationServer': oauth2.WebApplicationServer,
    'MobileApplicationServer': oauth2.MobileApplicationServer,
    'LegacyApplicationServer': oauth2.LegacyApplicationServer,
    'BackendApplicationServer': oauth2.BackendApplicationServer,
}


def raised(error):
    return {'raised': type(error).__name__, 'error': getattr(error, 'error', None)}


def authorize(server, uri, step):
    """As the documentation's view does: fatal errors are shown, others are sent to the client."""
    headers = step['headers']
    try:
        scopes, credentials = server.validate_authorization_request(uri, step['method'], None, headers)
        if step.get('decision') == 'deny':
            redirect_uri = credentials['redirect_uri']
            error = oauth2.AccessDeniedError(state=credentials['state'])
            return {'status': 302, 'headers': {'Location': error.in_uri(redirect_uri)}, 'body': None}
        granted = step.get('granted') or scopes
        credentials = {**credentials, 'user': 'alice'}
        found = server.create_authorization_response(uri, step['method'], None, headers, granted, credentials)
        return {'status': found[2], 'headers': found[0], 'body': found[1]}
    except oauth2.FatalClientError as error:
        return {'status': error.status_code, 'headers': {}, 'body': None, 'page': error.error}
    except oauth2.OAuth2Error as error:
        return {'status': 302, 'headers': {'Location': error.in_uri(error.redirect_uri)}, 'body': None}


def resource(server, uri, step):
    """As the documentation's decorator does: a refusal is 403."""
    valid, _ = server.verify_request(uri, step['method'], step['body'], step['headers'], step['scopes'])
    return {'status': 200 if valid else 403, 'headers': {}, 'body': None}


def run(server, step):
    query = step['query']
    uri = 'https://as.example/' + step['at'] + ('?' + query if query else '')
    if step['at'] == 'authorize':
        return authorize(server, uri, step)
    if step['at'] == 'resource':
        return resource(server, uri, step)
    method = {
        'token': 'create_token_response',
        'revoke': 'create_revocation_response',
        'introspect': 'create_introspect_response',
    }[step['at']]
    headers, body, status = getattr(server, method)(uri, step['method'], step['body'], step['headers'])
    return {'status': status, 'headers': headers, 'body': body}


def fill(value, kept):
    for name, token in kept.items():
        value = value.replace('$' + name, token) if isinstance(value, str) else value
    return value


def keep(observed, kept):
    location = (observed.get('headers') or {}).get('Location', '')
    for pair in location.replace('#', '?').partition('?')[2].split('&'):
        name, _, value = pair.partition('=')
        if name in ('code', 'access_token'):
            kept[name] = value
    body = observed.get('body')
    members = json.loads(body) if body else {}
    for name in ('access_token', 'refresh_token'):
        if name in members:
            kept[name] = members[name]
            kept.setdefault('first_' + name, members[name])


def play(scenario):
    validator = Validator(scenario['clients'])
    server = SERVERS[scenario['server']](Recorder(validator), token_expires_in=LIFETIME)
    kept, observations = {}, []
    for step in scenario['steps']:
        validator.called.clear()
        filled = {name: fill(value, kept) for name, value in step.items()}
        filled['headers'] = {name: fill(value, kept) for name, value in step['headers'].items()}
        try:
            observed = run(server, filled)
        except Exception as error:  # what leaves the library is an observation, too
            observed = raised(error)
        keep(observed, kept)
        observations.append({**observed, 'called': list(validator.called)})
    return observations


def main():
    print(json.dumps({'version': __version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(play(json.loads(line))), flush=True)


if __name__ == '__main__':
    main()
