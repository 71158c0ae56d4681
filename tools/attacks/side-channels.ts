import { by } from '../proofs/files.ts'
import { absent, attack, type AttackSection } from './row.ts'

/** Attacks by what leaks beside answers, by what others supply, and on clients. */
export const sideAttacks: AttackSection = {
  title: 'Side channels, logs, supply chain, clients',
  rows: [
    attack(
      'OP01',
      [
        'the time of an answer tells a secret, or which clients and users there are',
        'digests are compared in constant time, with the same work for what there is not; measured in `docs/reliability.md`',
        'CWE-208',
      ],
      by('timing', 'wrong in one way or in another -> the same time'),
      by('timing', 'a comparison that ends early, and nothing at all for who is unknown -> seen'),
      by('clientAuth', 'an unknown client and a wrong secret get the same answer'),
      by('secretJwt', 'secrets are asked for in any case: the time taken says nothing'),
      by('assertionUse', 'The work tells nothing'),
      by('passwords', 'a scrypt hash is replaced at the login, sessions stay; until then it is compared for everybody'),
    ),
    attack(
      'OP02',
      [
        'tokens, codes, secrets and passwords in logs, errors, metrics and messages',
        'none of them is logged, at any level; what looks like one is hidden once more as lines are written',
        'RFC 6819 §4.6.7',
      ],
      by(
        'serverSecrets',
        'a journey with all that is secret, and requests that go wrong -> none of it is logged, told, kept or sent',
      ),
      by('logs', 'what looks like a secret -> hidden in lines'),
      by('metrics', 'nothing that a stranger typed is in them, and no secret'),
      by('config', 'no secret is in a message'),
    ),
    attack(
      'OP04',
      [
        'a dependency that turns bad',
        'each is pinned and locked by its digest, has its reason in a decision, runs no script at install; the toolkit has two',
        'OpenSSF Scorecard',
      ],
      by('dependencies', 'every package is locked by its digest'),
      by('dependencies', 'nothing of what users get runs a script when it is installed, nor do the packages'),
      by('dependencies', 'every dependency is pinned to a version, and has its reason in a decision'),
      by('dependencies', 'the toolkit has two dependencies, which have none; what the server gets in all is few'),
    ),
    absent(
      'OP05',
      ['TLS below 1.2', 'a proxy in front ends TLS; the issuer is https all the same', 'RFC 9325'],
      'TLS by the server itself',
      by('command', 'issuer on plain http'),
    ),
    absent(
      'OP06',
      [
        'a client takes the answer of another server, or for another browser; follows redirects of a token endpoint',
        'who writes clients has `iss` in every answer, and the metadata to compare it with',
        'RFC 9207',
      ],
      'a library for clients; tokens of a logout are checked by `verifyLogoutToken`',
      by('attackAsk', 'mix-up: the client can tell who answers (RFC 9207)'),
      by('interop', 'a refusal arrives as the error that it is'),
    ),
    absent(
      'OP07',
      [
        'a client opens an authorization URL that is a script or a command',
        'the metadata document has https addresses of the issuer alone',
        'RFC 8414 §2',
      ],
      'a library for clients',
      by('certifiedLogins', 'the document says what the suite reads, and names addresses of this server alone'),
    ),
  ],
}
