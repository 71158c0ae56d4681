const hidden = '(hidden)'
const longestText = 8192
const deepest = 6

/** Members that never are for a log, whoever put them there. */
const secretName =
  /^(?:authorization|(?:set-)?cookie|csrf|pass(?:word|phrase)|.*secret|.*assertion|(?:device|user|authorization)?_?code|code_?verifier|.*token|private_?key)$/i

/** 240 random bits and more as the server makes its tokens, codes and secrets: letters of both cases and digits. */
const random = /(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{40,}(?![\w-])/g

const shapes: readonly (readonly [shape: RegExp, instead: string])[] = [
  [/-----BEGIN [A-Z ]+-----[^]*?(?:-----END [A-Z ]+-----|$)/g, hidden],
  [/(?<![\w-])ey[\w-]{8,}(?:\.[\w-]*){2,4}/g, hidden],
  [/\b(Bearer|Basic|DPoP)\s+[\w.~+/-]{12,}=*/gi, `$1 ${hidden}`],
  [/\b((?:\w*_)?(?:secret|token|password|assertion|code|verifier)|state|nonce|csrf)=[^\s&"']+/gi, `$1=${hidden}`],
  [/:\/\/([^\s/:@]*):[^\s/@]+@/g, `://$1:${hidden}@`],
  [/sealed:1:[\w:.-]+/g, hidden],
  [random, hidden],
]

/** Text without what looks like a token, a secret or a key. */
export const redactText = (text: string): string =>
  shapes.reduce((rest, [shape, instead]) => rest.replace(shape, instead), text.slice(0, longestText))

const redactError = (error: Error, depth: number): object => ({
  message: redactText(error.message),
  ...(error.stack !== undefined && { stack: redactText(error.stack) }),
  ...('code' in error && typeof error.code === 'string' && { systemCode: redactText(error.code) }),
  ...(error.cause !== undefined && { cause: redactValue(error.cause, depth + 1) }),
})

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > deepest) return hidden
  if (value instanceof Error) return redactError(value, depth)
  if (Array.isArray(value)) return value.map((each) => redactValue(each, depth + 1))
  return redact(value, depth + 1)
}

/**
 * A record without what looks like a secret, by the names of its members and by shape. The second line of defence: what is logged has no
 * secrets to begin with. Errors become their message, stack and cause.
 */
export const redact = (record: object, depth = 0): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]: [string, unknown]) => {
      const isSecret = typeof value === 'string' && secretName.test(name)
      return [name, isSecret ? hidden : redactValue(value, depth)]
    }),
  )
