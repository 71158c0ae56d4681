import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on what is below OAuth: sockets, lines, paths, hosts, JSON. */
export const httpAttacks: AttackSection = {
  title: 'HTTP',
  rows: [
    attack(
      'HT01',
      [
        'request smuggling: a length and chunks, two lengths, signs, blanks, folded and cut lines, a chunk without a size, two hosts',
        '400, and the connection ends; nothing behind it is read as a request',
        'RFC 9112 §6.3, §3.2',
      ],
      by(
        'httpLayer',
        'a length and chunks',
        'two lengths',
        'a list of lengths',
        'a length with a sign',
        'another coding',
      ),
      by(
        'httpLayer',
        'a chunk without a size',
        'a blank before the colon',
        'a folded line',
        'lines without CR',
        'a NUL',
      ),
      by('httpLayer', 'two hosts -> 400', 'a body that looks like a request is a body'),
    ),
    attack(
      'HT02',
      [
        'requests that arrive by drops, hundreds at once',
        '408 after 10 seconds for headers and 15 in all, looked at every second; others are answered meanwhile',
        'RFC 9110 §15.5.9',
      ],
      by('httpLayer', '500 of them at once, by headers and by bodies -> others are answered as if they were not there'),
      by('httpLayer', 'one whose time is over -> 408, and the connection ends'),
    ),
    attack(
      'HT03',
      [
        'a path that is almost that of an endpoint: slashes, dots, capitals, escapes, parameters',
        '404; paths are compared as they are sent',
        'RFC 3986 §6.2.1',
      ],
      by('httpLayer', 'paths that are almost those of an endpoint'),
    ),
    attack(
      'HT05',
      [
        'a user name that looks like that of somebody else: ligatures, full width, capitals that are two letters, other scripts, invisible ' +
          'characters; a client id that does',
        'one account (NFKC, lower case, a unique index), or no such name is given; ids of clients are drawn, or ASCII of the operator',
        'RFC 8265 §3.3, UTS #39',
      ],
      by('accounts', 'names that are one to people -> one account'),
      by('usernames', 'ß, which is SS in capitals', 'a dotted capital i', 'a Cyrillic letter in a Latin name'),
      by('usernames', 'a character of no width', 'text that is turned around'),
      by('usernames', 'ids of clients are ASCII, of the command and of the file'),
    ),
    attack(
      'HT06',
      [
        'JSON that is read differently: a member twice, in other letters, in `__proto__`; many levels; numbers beyond all',
        '400; at most 20 levels, exact names, each once',
        'RFC 8259 §4, §9',
      ],
      by(
        'jsonBodies',
        'a member twice',
        'a member twice, once in escapes',
        '30,000 levels',
        'what is wanted in __proto__',
      ),
      by('jsonBodies', 'what is wanted in a prototype', 'a name in other letters', 'a number beyond all', 'a comment'),
    ),
    attack(
      'HT07',
      [
        'the metadata document of another path',
        '404; one document, whose issuer is the one that was configured',
        'RFC 8414 §3.3',
      ],
      by('httpLayer', 'paths that are almost those of an endpoint'),
      by('openid', 'an issuer with a path: before it and after it'),
      by('serverProxies', 'a trusted proxy says where it was asked -> the issuer and its endpoints are as configured'),
    ),
    attack(
      'HT08',
      [
        'DNS rebinding: a site has its own name lead to a server or to metrics on the machine of who looks at it',
        '421 but for localhost, addresses and what `--allow-host` names, where the issuer is on localhost; where metrics are for this machine ' +
          'alone, too',
        'RFC 9110 §15.5.20',
      ],
      by('httpLayer', 'a site that has its own name lead to this machine (DNS rebinding)', 'evil', 'evil.example:9000'),
      by('httpLayer', '127.0.0.1.evil.example', 'a target with another host in it counts, not the header'),
      by('httpLayer', 'metrics are as closed', 'a name that was allowed -> 200'),
    ),
  ],
}
