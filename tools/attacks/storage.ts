import { by } from '../proofs/files.ts'
import { absent, attack, type AttackSection } from './row.ts'

/** Attacks on and by storage, races and clocks. */
export const storageAttacks: AttackSection = {
  title: 'Storage, races, clocks',
  rows: [
    attack(
      'ST01',
      [
        'what is in a copy of the database is presented as a token, a code, a secret, a cookie',
        'nothing works: digests only, and keys that are sealed',
        'RFC 9700 §4.13',
      ],
      by('atRest', 'no value of the database works as a token, code, secret, password or session'),
      by('postgresDump', 'holds no secret, and no value of it works as one'),
      by('redisStore', 'nothing that opens a door is in Redis: digests only'),
    ),
    attack(
      'ST02',
      [
        'SQL in every parameter, header and member of metadata',
        'bound values in every statement: no row is other, no word of the database in an answer',
        'RFC 6819 §5.1.4.1.2',
      ],
      by('database', 'SQL in every parameter -> refused or taken as text; no word of the database, no row is other'),
      by('database', 'SQL in the metadata of a client -> comes back as it was'),
    ),
    attack(
      'ST04',
      [
        'a store that throws, hangs, says nothing or something wrong at any call',
        '503 or 500, or a success that holds; never a success that is none',
        'RFC 6749 §5.2',
      ],
      by('faults', 'a store that fails at any call -> 5xx or a success that holds'),
      by('store', '→ 503 with Retry-After once the limit is over, and the operator is told why'),
      by('rows', 'scopes that are no list', 'claims that are null', 'a time that is too large to be one'),
    ),
    attack(
      'ST05',
      [
        'a clock that jumps, or two nodes whose clocks differ',
        'nothing that was used or revoked comes back, and no good refresh is taken for theft within 5 seconds; nothing is deleted by a clock that has just jumped',
        'RFC 9700 §4.14.2',
      ],
      by('clocks', '1 hour ahead', '2 hours behind', 'two nodes whose clocks are 5 seconds apart -> as if they agreed'),
      by('serverKeys', 'a clock that has jumped -> no key is made or deleted, and the log says so'),
    ),
    absent(
      'ST06',
      [
        'an id of one tenant used in another',
        'each row has its realm, and each statement asks for it',
        'RFC 9700 §4.4',
      ],
      'several issuers in one server; stores can hold several realms',
      by('rows', 'the same ids in two realms are two things', 'what was saved in one realm is unknown in another'),
      by('accounts', 'a user is found however the name is written, and by its own realm only'),
      by('consents', 'is found for its user, client and realm only, as it was given'),
      by('redisStore', 'two realms, and two prefixes -> nothing of one is seen in another'),
    ),
    attack(
      'ST07',
      [
        'a deadlock or a conflict of transactions looks like a bad code or token',
        'tried again, three times; then 503, never `invalid_grant`',
        'RFC 6749 §5.2',
      ],
      by('rows', '40001', '40P01'),
      by('postgres', '8 uses of a code under REPEATABLE READ -> repeated until each has its answer'),
      by('messages', 'a store that fails → 503 with Retry-After that tells nothing'),
    ),
  ],
}
