import type { HttpResponse } from 'grantry'
import type { Prometheus } from '../telemetry/prometheus.ts'
import type { App } from './app.ts'
import { pathOf } from './form.ts'
import { healthRoutes } from './health.ts'
import type { RequestHandler } from './page-response.ts'

const refusal = (status: 404 | 405, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  body: status === 404 ? 'There is /metrics, /health/live, /health/ready and /version.\n' : 'GET only.\n',
})

const show =
  (prometheus: Pick<Prometheus, 'render'>): RequestHandler =>
  async () => {
    const { contentType, body } = await prometheus.render()
    return { status: 200, headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' }, body }
  }

/** What answers at the port for metrics, which needs no login: it is for those who can reach it. */
export const createMetricsApp = (prometheus: Pick<Prometheus, 'render'>, isReady: () => Promise<boolean>): App => {
  const routes = new Map(Object.entries({ '/metrics': { GET: show(prometheus) }, ...healthRoutes(isReady) }))
  const handle: RequestHandler = (request) => {
    const route = routes.get(pathOf(request.url))
    if (route === undefined) return refusal(404)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, { Allow: 'GET, HEAD' })
    return route.GET(request)
  }
  return { handle, paths: [...routes.keys()] }
}
