/** One of several processes that refresh the tokens of one program at once: reads what is kept, and prints what it got. */
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import { Program, type Kept } from './mcp-user.ts'

const [serverUrl = '', kept = ''] = process.argv.slice(2)
const program = new Program({}, undefined, JSON.parse(kept) as Kept)
process.stdout.write('ready\n')
process.stdin.once('data', () => {
  void auth(program, { serverUrl }).then((result) => {
    process.stdout.write(JSON.stringify({ result, tokens: program.kept.tokens }), () => process.exit())
  })
})
