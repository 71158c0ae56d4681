import { closest, distance } from 'fastest-levenshtein'

/** The name that may have been meant: of those that there are, the nearest one; undefined where none is near. */
export const closestName = (meant: string, names: readonly string[]): string | undefined => {
  const near = names.length === 0 ? undefined : closest(meant, [...names])
  return near !== undefined && distance(meant, near) <= Math.min(3, Math.ceil(meant.length / 3)) ? near : undefined
}
