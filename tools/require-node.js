// Plain JavaScript, preloaded by the npm scripts: a Node that cannot read the tools must still be able to say so.
import process from 'node:process'

if (!process.features.typescript) {
  process.stderr.write(
    `Node ${process.versions.node} cannot run this repository, whose tools and tests are TypeScript files run as they are.\n` +
      'Grantry needs Node 22.13 or newer, and its repository 22.18 or newer (before that: NODE_OPTIONS=--experimental-strip-types).\n' +
      'On Linux x64, "npm ci" brings a Node of its own for the npm scripts: use "npm run ..." instead of "node ...".\n',
  )
  process.exit(1)
}
