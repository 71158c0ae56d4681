import { createHash } from 'node:crypto'
import type { Template } from './template.ts'

/** A file that pages load from this server. */
export interface Asset {
  /** From the path of the issuer on. */
  readonly name: string
  /** Differs where the content does, so that browsers do not show an old one. */
  readonly version: string
  readonly type: string
  readonly body: string | Uint8Array
}

/** How pages look. */
export interface Theme {
  /** Of whoever runs the server. */
  readonly name: string
  /** In place of the name. */
  readonly logo: Asset | undefined
  /** For the tab of the browser, which would ask for one that there is not. */
  readonly icon: Asset
  /** In the order in which they apply. */
  readonly styleSheets: readonly Asset[]
  /** What stands around pages, by language, where it is not the plain header. */
  readonly templates: ReadonlyMap<string, Template>
}

/** A file with what it is called by browsers. */
export const makeAsset = (name: string, type: string, body: string | Uint8Array): Asset => ({
  ...{ name, type, body },
  version: createHash('sha256').update(body).digest('base64url').slice(0, 12),
})

/** Where an asset is. */
export const assetUrl = (path: string, { name, version }: Asset): string => `${path}${name}?v=${version}`
