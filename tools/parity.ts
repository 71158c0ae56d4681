/**
 * Writes `docs/reference/oauthlib-parity.md` from the tables in `tools/parity/`; with `--check` only compares. Refuses names of ours that do
 * not exist, tests that are not there, and names of oauthlib without a row.
 */
import { checkTables } from './parity/check.ts'
import { page } from './parity/page.ts'
import { writePage } from './proofs/write-page.ts'

writePage({ path: 'docs/reference/oauthlib-parity.md', script: 'parity', text: page(), problems: checkTables() })
