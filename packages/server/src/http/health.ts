import type { HttpResponse } from 'grantry'
import { version } from '../version.ts'
import type { PageHandler } from './page-response.ts'

const answer = (code: 200 | 503, content: object): HttpResponse => ({
  status: code,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  body: JSON.stringify(content),
})

/** What those ask who watch the server: whether it lives, whether it can do its work, and which version it is. */
export const healthRoutes = (
  isReady: () => Promise<boolean>,
): Readonly<Record<string, { readonly GET: PageHandler }>> => ({
  '/health/live': { GET: () => answer(200, { status: 'live' }) },
  '/health/ready': {
    GET: async () => ((await isReady()) ? answer(200, { status: 'ready' }) : answer(503, { status: 'not ready' })),
  },
  '/version': { GET: () => answer(200, { name: 'grantry-server', version }) },
})
