/**
 * Whether two strings are equal, in a time that depends on their lengths only. Compare digests or values of fixed length with it,
 * so that the length says nothing.
 */
export const equalsConstantTime = (left: string, right: string): boolean => {
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index++)
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index % (right.length || 1))
  return difference === 0
}
