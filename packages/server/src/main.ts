#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What was compiled once is kept beside the program, where it may write: never in a folder that others may write to.
enableCompileCache(fileURLToPath(new URL('../.compiled', import.meta.url)))
const { run } = await import('./commands/run.ts')
await run(process.argv.slice(2))
