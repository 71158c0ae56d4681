import { html, type Html } from './html.ts'

const words: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name, picture and the rest of your profile',
  email: 'See your e-mail address',
  phone: 'See your phone number',
  address: 'See your postal address',
  offline_access: 'Keep its access while you do not use it',
}

const box = (scope: string): Html => {
  const text = Object.hasOwn(words, scope) ? words[scope] : scope
  return scope === 'openid'
    ? html`<input type="hidden" name="scope" value="openid" />
        <label class="scope"><input type="checkbox" checked disabled /> ${text}</label>`
    : html`<label class="scope"><input type="checkbox" name="scope" value="${scope}" checked /> ${text}</label>`
}

/** What a client asks for. */
export interface AskedFor {
  readonly scopes: readonly string[]
  /** Claims that it asks for one by one. */
  readonly claims: readonly string[]
  /** Protected resources. */
  readonly resources: readonly string[]
}

/** What a client asks for, with a box for each scope; `openid` is no choice. */
export const scopeFields = ({ scopes, claims, resources }: AskedFor): Html => html`
  <fieldset>
    <legend>What it may do</legend>
    ${scopes.map(box)}
  </fieldset>
  ${claims.length > 0 && html`<p>It also wants to see: <strong>${claims.join(', ').replaceAll('_', ' ')}</strong></p>`}
  ${resources.map((resource) => html`<p>At <strong>${resource}</strong></p>`)}
`
