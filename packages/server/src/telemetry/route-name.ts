import { pathOf } from '../http/form.ts'

/** The endpoints of the toolkit below the issuer. */
const endpoints = [...['/token', '/introspect', '/revoke', '/jwks', '/device_authorization', '/register', '/userinfo']]

/** Names the route of a URL. There are only so many names, whatever clients ask for. */
export type RouteNamer = (url: string) => string

/** Names routes by their paths below the issuer: those of pages, and of the endpoints. */
export const routeNamer = (issuerPath: string, pages: readonly string[]): RouteNamer => {
  const paths = [...pages, ...endpoints.map((path) => issuerPath + path)]
  const names = new Map(paths.map((path) => [path, path.slice(issuerPath.length)]))
  const registration = `${issuerPath}/register/`
  return (url) => {
    const path = pathOf(url)
    if (path.startsWith(registration)) return '/register/*'
    if (path.includes('/.well-known/')) return '/.well-known/*'
    return names.get(path) ?? 'other'
  }
}
