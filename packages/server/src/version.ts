import { packageFile } from './package-file.ts'

/** The version of this package. */
export const { version } = JSON.parse(packageFile('package.json')) as { readonly version: string } // our own file
