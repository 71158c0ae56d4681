/** Prints what one authorization_code token request goes through, and fails above the limits. See flow-cost-measure.ts for how it counts. */
import { limits, measureFlowCost } from './flow-cost-measure.ts'

const { statements, storageStatements, lines, files, chain } = await measureFlowCost()
const calls = chain.length - 1
const column = (count: number): string => String(count).padStart(6)

console.log('One authorization_code token request (PKCE, client_secret_basic) in packages/grantry/src.\n')
console.log('statements, lines, file:')
for (const file of files) console.log(`${column(file.statements)} ${column(file.lines)}  ${file.file}`)
console.log(`${column(statements)}         without storage/, limit ${limits.statements}`)
console.log(`${column(statements + storageStatements)} ${column(lines)}  in ${files.length} files\n`)
console.log('Calls from createTokenResponse to the string of the token:')
console.log(`        ${chain.join(' -> ')}`)
console.log(`${column(calls)}  calls, limit ${limits.calls}`)

if (statements > limits.statements || calls > limits.calls) {
  console.error('\nAbove the limit.')
  process.exitCode = 1
}
