import * as next from 'grantry/next'
import { boom, filesOf, nameIn, needs, type AppParts, type Framework } from './app.ts'
import { listenWeb } from './listen.ts'

type Handler = (request: Request) => Response | Promise<Response>
type Routes = Readonly<Record<string, Readonly<Record<string, Handler | undefined>>>>

const others: Routes = { '/open': { GET: () => new Response('open') }, '/fails': { GET: boom } }
const nameOf = async (request: Request): Promise<Response> => Response.json({ name: nameIn(await request.json()) })

/** A program of its own, whose router knows paths and methods. */
const start = ({ onError }: AppParts, routes: Routes, fallback: Handler) =>
  listenWeb(async (request) => {
    const of = { ...others, ...routes }[new URL(request.url).pathname]
    try {
      return await (of === undefined ? fallback : (of[request.method] ?? fallback))(request)
    } catch (thrown) {
      onError(thrown)
      return new Response('Internal Server Error', { status: 500 })
    }
  })

const plain = (parts: AppParts) => {
  const { guard, server } = parts
  const files = {
    GET: guard.handler((_request, token) => Response.json(filesOf(token)), needs),
    POST: guard.handler(nameOf, needs),
  }
  const metadata = guard.handler(() => new Response('', { status: 404 }))
  return start(parts, { '/files': files, [guard.paths[0] ?? '']: { GET: metadata } }, server.fetch)
}

/** Calls the exports of `route.ts` as the router of Next.js does: by the method. */
const nextRoutes = (parts: AppParts) => {
  const { guard, server } = parts
  const files = {
    GET: next.requireToken(guard, needs, (_request, token) => Response.json(filesOf(token))),
    POST: next.requireToken(guard, needs, nameOf),
  }
  const all: Readonly<Record<string, Handler | undefined>> = next.serve(server)
  const metadata = { ...next.serve(guard) }
  return start(
    parts,
    { '/files': files, [guard.paths[0] ?? '']: metadata },
    (request) => all[request.method]?.(request) ?? new Response('', { status: 405 }),
  )
}

export const frameworks: readonly Framework[] = [
  { name: 'the web standard', start: plain },
  { name: 'route handlers of Next.js', start: nextRoutes },
]
