/** The token type of an identity assertion for another server (draft-ietf-oauth-identity-assertion-authz-grant-04). */
export const idJagTokenType = 'urn:ietf:params:oauth:token-type:id-jag'

/** The name of the profile in the metadata document. */
export const idJagProfile = 'urn:ietf:params:oauth:grant-profile:id-jag'

/** The `typ` of its header. */
export const idJagTyp = 'oauth-id-jag+jwt'
