import { z } from 'zod'

/** Longest answer of an authenticator, as JSON: the ids that it may have, and keys, are far shorter. */
const longest = 16_384

const bytes = z.string().regex(/^[\w-]+$/)

const credential = <Response extends z.ZodType>(response: Response) =>
  z.object({ id: bytes, rawId: bytes, type: z.literal('public-key'), clientExtensionResults: z.object({}), response })

const assertion = credential(
  z.object({ clientDataJSON: bytes, authenticatorData: bytes, signature: bytes, userHandle: bytes.optional() }),
)

const attestation = credential(
  z.object({
    ...{ clientDataJSON: bytes, attestationObject: bytes },
    transports: z.array(z.string().regex(/^[a-z-]{1,20}$/)).max(10),
  }),
)

const read = <Message extends z.ZodType>(schema: Message, text: string): z.infer<Message> | undefined => {
  if (text.length > longest) return undefined
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // it is no JSON, which is one way to be no message
  }
}

/** What a passkey answered. */
export type Assertion = z.infer<typeof assertion>

/** What made a passkey. */
export type Attestation = z.infer<typeof attestation>

/** What a passkey answered, as the script of our pages writes it; undefined where it is something else. */
export const readAssertion = (text: string): Assertion | undefined => read(assertion, text)

/** The same of a new passkey. */
export const readAttestation = (text: string): Attestation | undefined => read(attestation, text)
