/** A client of the admin API that takes its description at its word. */
import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'

interface Described {
  readonly operationId: string
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: { $ref: string } }>> }>
  >
}

/** What is used of a description. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** A body. */
export type Json = Record<string, unknown>

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** Calls the API, and holds each answer against the description. */
export const makeCaller = (url: string, description: Description) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addSchema({ $id: 'api', components: description.components })
  const called = new Set<string>()
  const find = (method: string, path: string): Described => {
    const plain = path.replace(/\?.*/, '')
    const matches = ([template]: [string, unknown]) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain)
    const [, methods] = Object.entries(description.paths).find(matches) ?? assert.fail(`${path} is not described`)
    return methods[method.toLowerCase()] ?? assert.fail(`${method} ${path} is not described`)
  }
  const check = ({ operationId, responses }: Described, { status, headers, body }: Reply): void => {
    const described = responses[status] ?? assert.fail(`${operationId} answers ${status}, which is not described`)
    const [type = '', content] = Object.entries(described.content ?? {})[0] ?? []
    assert.equal(headers.get('content-type') ?? '', type, operationId)
    if (content === undefined) return
    const isValid = ajv.validate(`api${content.schema.$ref}`, body)
    assert.ok(isValid, `${operationId} ${status}: ${ajv.errorsText()} ${JSON.stringify(body)}`)
  }
  const send = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Reply> => {
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Json) }
  }
  const call = async (
    token: string,
    route: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> => {
    const [method = '', path = ''] = route.split(' ')
    const all: Record<string, string> = { ...headers }
    if (body !== undefined) all['Content-Type'] = 'application/json'
    if (token !== '') all['Authorization'] = `Bearer ${token}`
    const reply = await send(method, path, all, body && JSON.stringify(body))
    check(find(method, path), reply)
    if (reply.status < 300) called.add(find(method, path).operationId)
    return reply
  }
  return { call, send, called }
}
