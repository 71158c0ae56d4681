/** Answers of the registration endpoint. */

export const json = { 'content-type': 'application/json' }
