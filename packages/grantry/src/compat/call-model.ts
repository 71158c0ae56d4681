import { ServerError } from '../core/errors.ts'
import type { OAuth2ServerModel } from './model.ts'

/** For which version of `oauth2-server` a model is written. Up to 4, scopes are strings with spaces, and methods may take a callback. */
export type ModelVersion = 3 | 4 | 5

type Methods = Required<OAuth2ServerModel>
type Method = (...values: readonly unknown[]) => unknown

/** The name of a method of a model. */
export type ModelMethod = keyof Methods

const withCallback = (model: OAuth2ServerModel, method: Method, values: readonly unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const callback = (error: unknown, value: unknown): void => {
      if (error instanceof Error) reject(error)
      else if (error) reject(new Error('The model called back with an error.', { cause: error }))
      else resolve(value)
    }
    method.call(model, ...values, callback)
  })

/** Calls methods of a model, however they answer. */
export class ModelCaller {
  readonly #model: OAuth2ServerModel
  readonly version: ModelVersion

  constructor(model: OAuth2ServerModel, version: ModelVersion) {
    this.#model = model
    this.version = version
  }

  /** Whether the model has all of these methods. */
  has(...names: readonly ModelMethod[]): boolean {
    return names.every((name) => typeof this.#model[name] === 'function')
  }

  /** Calls one. */
  async call<Name extends ModelMethod>(
    name: Name,
    ...values: Parameters<Methods[Name]>
  ): Promise<Awaited<ReturnType<Methods[Name]>>> {
    const method = this.#model[name] as Method | undefined // of any of these types
    if (method === undefined) throw new ServerError('unexpected', { detail: `the model has no ${name}` })
    const takesCallback = this.version < 5 && method.length > values.length
    const answer = takesCallback ? withCallback(this.#model, method, values) : method.call(this.#model, ...values)
    return (await answer) as Awaited<ReturnType<Methods[Name]>> // as the contract says
  }
}
