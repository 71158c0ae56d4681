import { handleAsNodeRequest } from 'cloudflare:node'
import { runFile } from './node-test.ts'

/** Files of tests by their paths. */
export type TestFiles = Readonly<Record<string, () => Promise<unknown>>>

/**
 * A Worker that runs the file of tests it is asked for. Requests that the tests send come back to it: those with a port go to the server of
 * the tests that listens at it, whatever the name; others find nobody.
 */
export const testWorker = (files: TestFiles) => ({
  fetch: async (request: Request): Promise<Response> => {
    const { hostname, port, searchParams } = new URL(request.url)
    const load = files[searchParams.get('file') ?? '']
    if (load !== undefined) return Response.json(await runFile(load))
    if (port !== '') return handleAsNodeRequest(Number(port), request)
    throw new Error(`Nobody is at ${hostname}.`)
  },
})
