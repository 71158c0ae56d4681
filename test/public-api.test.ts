import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'

interface Entry {
  /** Names that exist when the program runs. */
  readonly values: readonly string[]
  /** Names that only the compiler knows. */
  readonly types: readonly string[]
}

/** Everything that users can import. A change here is a change of the public interface: it goes into the reference and the changelog. */
const published: Readonly<Record<string, Entry>> = {
  grantry: {
    values: [
      'AccessDeniedError',
      'AccountSelectionRequiredError',
      'AuthorizationCodeGrant',
      'AuthorizationPendingError',
      'AuthorizationServer',
      'BackendApplicationServer',
      'BearerError',
      'BearerToken',
      'ClientCredentialsGrant',
      'ClientSecretJwt',
      'ClientSelfService',
      'ClockGuard',
      'CodeResponseType',
      'ComposedStore',
      'ConfigurationError',
      'ConsentRequiredError',
      'DeviceApplicationServer',
      'DeviceCodeGrant',
      'DeviceFlow',
      'ExpiredTokenError',
      'FatalClientError',
      'InteractionRequiredError',
      'InvalidClientError',
      'InvalidClientMetadataError',
      'InvalidGrantError',
      'InvalidRedirectUriError',
      'InvalidRequestError',
      'InvalidRequestObjectError',
      'InvalidScopeError',
      'InvalidSoftwareStatementError',
      'InvalidTargetError',
      'KeyRing',
      'KeyRotation',
      'LegacyApplicationServer',
      'LoginRequiredError',
      'MethodNotAllowedError',
      'MobileApplicationServer',
      'OAuthError',
      'OpenIdServer',
      'OutboundClient',
      'OutboundError',
      'PasswordGrant',
      'PayloadTooLargeError',
      'PrivateKeyJwt',
      'RefreshTokenGrant',
      'RequestNotSupportedError',
      'RequestValidator',
      'Server',
      'ServerError',
      'SlowDownError',
      'StoreValidator',
      'TemporarilyUnavailableError',
      'TokenResponseType',
      'TooManyRequestsError',
      'UnapprovedSoftwareStatementError',
      'UnauthorizedClientError',
      'UnmetAuthenticationRequirementsError',
      'UnsupportedGrantTypeError',
      'UnsupportedResponseTypeError',
      'UnsupportedTokenTypeError',
      'WebApplicationServer',
      'allStoreFeatures',
      'composeStores',
      'createInitialAccessToken',
      'deviceCodeGrantType',
      'encryptedTokenGenerator',
      'encryptedTokenVerifier',
      'generateClientSecret',
      'generatePrivateKey',
      'guardedFetch',
      'guardedKeyFetcher',
      'hashClientSecret',
      'hmacTokenGenerator',
      'hmacTokenVerifier',
      'isPublicClient',
      'makeGrantRequest',
      'noneResponseType',
      'prepareBearerBody',
      'prepareBearerHeaders',
      'prepareBearerUri',
      'randomTokenGenerator',
      'readOpenIdRequest',
      'reasons',
      'registerClient',
      'seal',
      'signedTokenGenerator',
      'signedTokenVerifier',
      'sweepRegistrations',
      'systemClock',
      'unseal',
    ],
    types: [
      'AccessToken',
      'AccessTokenRow',
      'ApprovedAuthorization',
      'ApprovedDevice',
      'AsymmetricKeyInput',
      'Authentication',
      'Authorization',
      'AuthorizationCode',
      'AuthorizationContext',
      'AuthorizationDecision',
      'AuthorizationGranted',
      'AuthorizationRequest',
      'AuthorizationValidation',
      'Awaitable',
      'BearerLocations',
      'BearerResult',
      'BearerTokenOptions',
      'BearerTokenValidator',
      'CapabilityValidator',
      'ClaimRequests',
      'Claims',
      'Client',
      'ClientAuthenticationMethod',
      'ClientCredentials',
      'ClientDraft',
      'ClientEncryption',
      'ClientKeyFetcher',
      'ClientMetadata',
      'ClientRegistration',
      'ClientSecretJwtOptions',
      'ClientStore',
      'ClientValidator',
      'Clock',
      'CodeModifier',
      'CodeOptions',
      'CodeRow',
      'CodeValidator',
      'CryptoKeyShape',
      'DeviceAuthorization',
      'DeviceCodes',
      'DeviceDecision',
      'DeviceLookup',
      'DeviceOptions',
      'DevicePoll',
      'DeviceValidator',
      'DigestOptions',
      'DocumentRequest',
      'DynamicRegistration',
      'EncryptedTokenGenerator',
      'EncryptedTokenOptions',
      'EncryptedTokenVerifierOptions',
      'EncryptionKeyInput',
      'EncryptionOptions',
      'EndpointName',
      'EndpointPaths',
      'EventListener',
      'FailedProof',
      'FoundRefreshToken',
      'Grant',
      'GrantFilter',
      'GrantOutcome',
      'GrantRequest',
      'GrantRequestOptions',
      'GrantRow',
      'GrantStore',
      'GrantryEvent',
      'HmacOptions',
      'HmacTokenGenerator',
      'Hook',
      'Hooks',
      'HttpHandler',
      'HttpHeaders',
      'HttpRequest',
      'HttpResponse',
      'InitialAccess',
      'InitialAccessTokenOptions',
      'Interaction',
      'IntrospectionValidator',
      'JsonValue',
      'Jwk',
      'JwkSet',
      'KeyObjectShape',
      'KeyRingOptions',
      'KeyRotationOptions',
      'KeyScheduleOptions',
      'KeyState',
      'KeyStore',
      'KnownLogin',
      'LoggedOut',
      'LoginContext',
      'LogoutRequest',
      'LogoutValidation',
      'MarkerStore',
      'NewTokens',
      'NextStep',
      'OAuthRequest',
      'OpenIdAuthorization',
      'OpenIdOptions',
      'OpenIdRequest',
      'OpenIdServerOptions',
      'OpenIdValidator',
      'OriginJudge',
      'OutboundAnswer',
      'OutboundOptions',
      'OutboundProblem',
      'OutboundRequest',
      'Parts',
      'PolledTicket',
      'PresentedTicket',
      'PrivateKeyJwtOptions',
      'Prompt',
      'PublicJwk',
      'Reason',
      'RefreshToken',
      'RefreshTokenRotated',
      'RefreshTokenRotation',
      'RefreshTokenRow',
      'RefreshTokenValidator',
      'RegisteredClient',
      'RegistrationChanged',
      'RegistrationContext',
      'RegistrationLimit',
      'RegistrationOptions',
      'RegistrationPolicy',
      'RegistrationSecrets',
      'RegistrationSweep',
      'RegistrationValidator',
      'ReplayValidator',
      'RequestRefused',
      'RequestState',
      'ResolveHost',
      'ResponseMode',
      'ResponseType',
      'RevocationValidator',
      'Rotation',
      'RotationOutcome',
      'RotationPolicy',
      'RotationResult',
      'ScheduledKey',
      'ScopeValidator',
      'SecretHash',
      'SelfContainedTokenValidator',
      'SelfContainedTokenVerifier',
      'ServerOptions',
      'ServerRelaxed',
      'ServerValidator',
      'SharedSecretValidator',
      'SignedTokenGenerator',
      'SignedTokenOptions',
      'SignedTokenVerifierOptions',
      'Signer',
      'SignerOptions',
      'SigningKeyInput',
      'SigningKeyRow',
      'SoftwareStatementOptions',
      'Store',
      'StoreCapabilities',
      'StoreFeature',
      'StoreHomes',
      'StoreParts',
      'StoreValidatorOptions',
      'SweepOptions',
      'Swept',
      'TicketRow',
      'TicketStore',
      'TicketTransition',
      'TokenCheckOptions',
      'TokenClaimOptions',
      'TokenContext',
      'TokenFinder',
      'TokenGenerator',
      'TokenIssued',
      'TokenModifier',
      'TokenResponse',
      'TokenRevoked',
      'TokenValidator',
      'TokenVerifier',
      'Upkeep',
      'User',
      'UserClaimsValidator',
      'UserValidator',
      'VerificationKeyInput',
      'Withdrawal',
    ],
  },
  'grantry/node': { values: ['fromNodeRequest', 'sendNodeResponse', 'toNodeHandler'], types: ['Handled'] },
  'grantry/storage/memory': { values: ['MemoryStore'], types: ['MemoryStoreOptions'] },
  'grantry/testing': { values: ['storeChecks'], types: ['StoreCheck'] },
  'grantry/storage/postgres': {
    values: ['PostgresStore', 'StoreError', 'migrate', 'migrationPlan', 'migrationScript', 'storeMigrations'],
    types: ['Migration', 'MigrationOptions', 'MigrationSet', 'PostgresPool', 'PostgresStoreOptions'],
  },
  'grantry/storage/redis': {
    values: ['RedisStore', 'StoreError'],
    types: ['RedisConnection', 'RedisPersistence', 'RedisStoreOptions'],
  },
  'grantry/storage/sqlite': {
    values: ['SqliteStore', 'StoreError', 'migrateSqlite', 'storeMigrations'],
    types: ['Migration', 'MigrationSet', 'SqliteStoreOptions'],
  },
  'grantry-server': {
    values: ['StartError', 'startServer'],
    types: ['FirstStart', 'Log', 'LogRecord', 'RunningServer', 'ServerOptions'],
  },
}

const root = dirname(import.meta.dirname)

/** The entries of a package with their sources, from the `exports` of its package.json. */
const entriesOf = (folder: string): readonly (readonly [name: string, source: string])[] => {
  // JSON.parse gives `any`; this is our own file.
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, string | { readonly 'grantry-source': string }>>
  }
  return Object.entries(manifest.exports).flatMap(([path, target]) =>
    typeof target === 'string' ? [] : [[manifest.name + path.slice(1), join(root, folder, target['grantry-source'])]],
  )
}

const entries = ['packages/grantry', 'packages/server'].flatMap(entriesOf)

const config = ts.getParsedCommandLineOfConfigFile(
  join(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) =>
      assert.fail(ts.flattenDiagnosticMessageText(messageText, '\n')),
  },
)
const program = ts.createProgram(
  entries.map(([, source]) => source),
  config?.options ?? {},
)

/** All exported names, as the compiler sees them. */
const namesOf = (source: string): readonly string[] => {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(source)
  const module = file && checker.getSymbolAtLocation(file)
  return module === undefined ? [] : checker.getExportsOfModule(module).map(({ name }) => name)
}

test('the entries of both packages are those listed here', () => {
  assert.deepEqual(entries.map(([name]) => name).sort(), Object.keys(published).sort())
})

for (const [name, source] of entries) {
  suite(name, () => {
    test('exports the listed values', async () => {
      // A namespace object has unknown members, and import() gives `any`.
      const module = (await import(pathToFileURL(source).href)) as object
      assert.deepEqual(Object.keys(module).sort(), published[name]?.values.toSorted())
    })

    test('exports the listed types', () => {
      const values: readonly string[] = published[name]?.values ?? []
      const types = namesOf(source).filter((each) => !values.includes(each))
      assert.deepEqual(types.toSorted(), published[name]?.types.toSorted())
    })
  })
}
