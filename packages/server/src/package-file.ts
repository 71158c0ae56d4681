import { readFileSync } from 'node:fs'

/** The text of a file of this package. The sources, what they are compiled to and the bundle of the command each have a folder in it. */
export const packageFile = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
