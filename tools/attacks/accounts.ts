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
    attack(
      'AC06',
      [
        'a link for a new password or an invitation is used twice, at once, after the password was changed, or as the other',
        'taken by one caller; it is for one version of the password, and of one kind; the store has its digest',
        'OWASP Forgot Password Cheat Sheet',
      ],
      by('signUp', 'sets it once, ends all logins, and asks for the new one'),
      by('signUp', 'a link is good once, of many at once; what it says goes first', 'of another kind'),
      by('signUp', 'a mailer that fails is asked again, with another link'),
    ),
    attack(
      'AC07',
      [
        'who has an account is found out, or flooded with mail, by the page for forgotten passwords',
        'the same answer after the same work for every name; three links in an hour for a user, 20 requests for an address',
        'OWASP Forgot Password Cheat Sheet',
      ],
      by('signUp', 'the same answer for a user and for nobody; a signed message for the user alone, whose link works'),
      by('signUp', 'a user is sent three links in an hour, whoever asks; an address asks 20 times'),
    ),
    attack(
      'AC08',
      [
        'an account is made with a name like that of somebody else, with an address of somebody else as a verified one, or by a form of another site',
        'names are ASCII and no addresses; `email_verified` is false; forms have their token',
        'OpenID Connect Core §5.7',
      ],
      by('signUp', 'a name with other letters', 'a name like an e-mail address', 'a name that turns text around'),
      by('signUp', 'prompt=create leads there, and on to the client, whose user is told as what he typed, unverified'),
      by('signUp', 'by a page of another site, without its token, or on to another site -> refused'),
      by('signUp', 'too many accounts from one address -> 429 with Retry-After'),
    ),
  ],
} // prettier-ignore
