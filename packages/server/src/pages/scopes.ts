import type { Messages } from '../messages/messages.ts'
import { detailFields, type ShownDetail } from './details.ts'
import { html, type Html } from './html.ts'

/** A scope in words, where there are any. */
export const describeScope = (scope: string, { scopes }: Messages): string =>
  (Object.hasOwn(scopes, scope) ? (scopes as Readonly<Record<string, string>>)[scope] : undefined) ?? scope

/** What a client asks for. */
export interface AskedFor {
  readonly scopes: readonly string[]
  /** Those of them that the user allowed before. */
  readonly allowedBefore: readonly string[]
  /** Claims that it asks for one by one. */
  readonly claims: readonly string[]
  /** Protected resources. */
  readonly resources: readonly string[]
  /** What it asks for by authorization details. */
  readonly details: readonly ShownDetail[]
}

/** Claims as words. */
export const describeClaims = (claims: readonly string[], { consent }: Messages): Html | false =>
  claims.length > 0 && html`<p>${consent.claims(html`<strong>${claims.join(', ').replaceAll('_', ' ')}</strong>`)}</p>`

/** Where tokens are taken. */
export const describeResources = (resources: readonly string[], { consent }: Messages): readonly Html[] =>
  resources.map((resource) => html`<p>${consent.resource(html`<strong>${resource}</strong>`)}</p>`)

const box = (scope: string, text: string, before: Html | false): Html =>
  scope === 'openid'
    ? html`<input type="hidden" name="scope" value="openid" />
        <label class="scope"><input type="checkbox" checked disabled /> ${text} ${before}</label>`
    : html`<label class="scope"
        ><input type="checkbox" name="scope" value="${scope}" checked /> ${text} ${before}</label
      >`

/** What a client asks for, with a box for each scope and detail; `openid` is no choice. */
export const scopeFields = (
  { scopes, allowedBefore, claims, resources, details }: AskedFor,
  messages: Messages,
): Html => {
  const { consent } = messages
  const before = (scope: string): Html | false =>
    allowedBefore.includes(scope) && html`<small>${consent.allowedBefore}</small>`
  return html`
    ${
      scopes.length > 0 &&
      html`<fieldset>
        <legend>${consent.legend}</legend>
        ${scopes.map((scope) => box(scope, describeScope(scope, messages), before(scope)))}
      </fieldset>`
    }
    ${detailFields(details, messages)} ${describeClaims(claims, messages)} ${describeResources(resources, messages)}
  `
}

/** The two buttons of a decision. */
export const decisionButtons = ({ common }: Messages): Html => html`
  <div class="choice">
    <button id="approve" type="submit" name="decision" value="approve">${common.allow}</button>
    <button id="deny" type="submit" name="decision" value="deny">${common.deny}</button>
  </div>
`
