/** Loads what is imported from here on with platform/web.ts, as on runtimes that are not Node. Needs the loader of Node. */
import { registerHooks } from 'node:module'

registerHooks({ resolve: (specifier, context, next) => next(specifier === '#platform' ? web : specifier, context) })
const web = import.meta.resolve('#grantry/platform/web')
