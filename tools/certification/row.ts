import type { Claim } from '../proofs/claim.ts'
import type { Proof } from '../proofs/files.ts'

/** The profiles of the certification of OpenID providers. `Form Post` is the first three again, by form_post. */
export const profiles = [
  ...['Basic', 'Implicit', 'Hybrid', 'Config', 'Dynamic', 'Form Post'],
  ...['RP-Initiated Logout', 'Front-Channel Logout', 'Back-Channel Logout'],
] as const

/** Profiles by what the tables call them. */
const sets = {
  core: 'Basic, Implicit, Hybrid, Form Post',
  code: 'Basic, Hybrid, Form Post',
  front: 'Implicit, Hybrid, Form Post',
  basic: 'Basic, Form Post',
  unsigned: 'Basic, Dynamic, Form Post',
  everyFlow: 'Basic, Implicit, Hybrid, Dynamic, Form Post',
  refresh: 'Basic, Hybrid, Dynamic, Form Post',
  discovery: 'Config, Dynamic',
  dynamic: 'Dynamic',
  logout: 'RP-Initiated Logout',
  frontchannel: 'Front-Channel Logout',
  backchannel: 'Back-Channel Logout',
} as const

/** A module of the suite: its profiles, what it looks at, and our tests for the same. */
export const module = (
  name: string,
  set: keyof typeof sets,
  looksAt: string,
  ...proofs: readonly (readonly Proof[])[]
): Claim => ({ id: `oidcc-${name}`, cells: [sets[set], looksAt], proofs: proofs.flat() })

/** A module about something that is not offered, which the suite leaves out then. */
export const skipped = (notOffered: string, claim: Claim): Claim => ({ ...claim, notOffered })
