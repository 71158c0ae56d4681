import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks that use up memory, disk, processor or connections. */
export const exhaustionAttacks: AttackSection = {
  title: 'Exhaustion',
  rows: [
    attack(
      'DS01',
      [
        'names without end fill what is kept in memory',
        'every cache has a limit: 200 documents of others, 32 requests to others, 32 passwords that wait for each thread, labels of 100 clients, ' +
          '20,000 audit events (half of them by strangers), 100 parameters',
        'CWE-770',
      ],
      by('outbound', 'at most 200 are kept, the oldest goes first', 'more than 32 different ones at once → busy'),
      by('passwords', 'more than it has room for -> the rest is refused at once; what is in it is done'),
      by('metrics', 'many clients -> a hundred have a label, the others share one'),
      by('audit', 'strangers make more than there is room for -> it is told how many were lost; changes are kept'),
      by('store', 'is full of what lives → refused with 503 and nothing lost; what expired makes room'),
      by('messages', '10,000 parameters'),
    ),
    attack(
      'DS02',
      [
        'a client gets tokens in a loop until the tables are full or slow',
        'tokens in the default format have no row; rows of others are found at the same cost among a million, and go when they expire',
        'CWE-770',
      ],
      by('command', 'jwt'),
      by('liveTokens', '50,000 live tokens -> each is found, in at most 200 bytes; without the index, slowly'),
      by(
        'cleanUp',
        'two nodes clean up beside requests -> every request is answered, what expired goes and what lives stays',
      ),
    ),
    attack(
      'DS03',
      [
        'authorization requests and login pages that never go on',
        'not a row: a request travels in the URL and in the form until a user decides',
        'CWE-770',
      ],
      by('database', '1,000 authorization requests and login pages of browsers that never go on -> not a row'),
      by('registrationSettings', '1000 at once from one address → 60 (RFC 7591 §5)'),
    ),
    attack(
      'DS04',
      [
        'passwords and secrets that cost a slow hash each',
        'a flood of logins gets 503 while everything else is answered; secrets of clients are random, and cost a SHA-256',
        'CWE-400',
      ],
      by('passwords', 'fills the queue: 503 with Retry-After for the rest, and other pages answer before them'),
      by('passwords', 'the rest of the program goes on while it works'),
      by(
        'clientAuth',
        'generated secrets are stored as SHA-256, chosen ones by the slow hash, which also runs for unknown clients',
      ),
    ),
    attack(
      'DS05',
      [
        'a text that keeps a regular expression busy',
        'all of them take linear time, which the linter checks; the longest headers and paths are answered at once',
        'CWE-1333',
      ],
      by('expressions', 'a repetition of a repetition', 'two that take the same', 'one that begins anew at each place'),
      by('httpLayer', 'the longest text in the worst letters', 'a path', 'a token', 'languages', 'a type'),
    ),
    attack(
      'DS06',
      [
        'a database that hangs takes health, metadata and all connections along',
        '503 with Retry-After after 2 seconds, the wait for a connection included; metadata, keys and `/health/live` ask no database',
        'CWE-400',
      ],
      by(
        'nodes',
        'a table is locked and the pool is full -> 503 within 2.5 seconds, the wait for a connection included',
      ),
      by(
        'nodes',
        'the database hangs -> 503 within 2.5 seconds also where the pool is full; works again with new connections',
      ),
      by('metrics', 'the database is away -> not ready within two seconds, live and metrics answer'),
    ),
  ],
}
