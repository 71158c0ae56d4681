import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on the accounts of users at the server. */
export const accountAttacks: AttackSection = {
  title: 'Accounts of the server',
  rows: [
    attack(
      'AC01',
      [
        'a passkey is asked for by a look-alike page, at another port or without TLS, or for another host',
        'the origin is that of the issuer, the RP ID its host; browsers refuse elsewhere, and so does the server',
        'WebAuthn §7.2',
      ],
      by('passkeys', 'refused: whatever differs from a good answer'),
      by('passkeyBrowser', 'at another origin than that of the issuer -> no browser makes or uses one'),
    ),
    attack(
      'AC02',
      [
        'the answer of a passkey again, at many nodes at once, at another browser, or for something else',
        'a challenge is for one browser and one purpose, and taken once by all nodes',
        'WebAuthn §13.4.3',
      ],
      by('passkeys', 'made and used -> its user, once, at whichever node of many at once'),
      by('passkeys', 'a new passkey again, in another session, for another user, or with the id of one that is there -> refused'),
      by('passkeyPages', 'the same answer again', 'at another browser', 'by a page of another site'),
    ),
    attack(
      'AC03',
      [
        'a passkey that was copied out of its authenticator',
        'where it counts, one that does not count on is refused, of two at once too, with an alarm',
        'WebAuthn §6.1.1',
      ],
      by('passkeys', 'a counter that does not go on -> refused as a copy; of two at once one logs in'),
      by('passkeyPages', 'a copy of the passkey -> refused, and an alarm'),
    ),
    attack(
      'AC04',
      [
        'the passkey of another user as second factor, or with the user handle of another one',
        'it must be of whose password was right, and say so itself',
        'WebAuthn §7.2, step 6',
      ],
      by('passkeys', 'a second factor: of the user alone, also without user handle'),
      by('passkeyPages', 'where the client insists on two factors; the passkey must be of that user'),
    ),
    attack(
      'AC05',
      [
        'who has stolen a password makes a second factor of his own, or removes that of the user',
        'where there is one, it takes a session of two factors or a passkey',
        'NIST SP 800-63B §4.1.2',
      ],
      by('passkeyPages', 'a session by password alone changes nothing with the password: a thief of it has no way to a passkey of his own'),
    ),
  ],
} // prettier-ignore
