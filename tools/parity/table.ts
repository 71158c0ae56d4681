import { deviceSection } from './devices.ts'
import { endpointSections } from './endpoints.ts'
import { errorSections } from './errors.ts'
import { grantSections } from './grants.ts'
import { openidSections } from './openid.ts'
import { primitiveSections } from './primitives.ts'
import type { ParitySection } from './row.ts'
import { validatorSections } from './validator.ts'

/** What became of every public name of oauthlib's provider side. */
export const sections: readonly ParitySection[] = [
  ...primitiveSections,
  ...endpointSections,
  deviceSection,
  ...grantSections,
  ...validatorSections,
  ...errorSections,
  ...openidSections,
]
