/** What sealed texts are for, as the `info` of HKDF (RFC 5869 §3.2): another purpose gives another key. */
export const sealingPurpose = 'grantry refresh token successor'
