/** The token with one bit of one of its bytes turned, in the part with this number. */
export const turned = (token: string, part: number, bit: number): string =>
  token
    .split('.')
    .map((text, index) => {
      if (index !== part) return text
      const bytes = Buffer.from(text, 'base64url')
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return bytes.toString('base64url')
    })
    .join('.')
