import { field } from './field.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'

/** What the page for the second factor shows. */
export interface SecondFactorPage extends PageFrame {
  readonly csrf: string
  /** Where the browser goes afterwards. */
  readonly to: string
  readonly problem: string | undefined
}

/** The page that asks for the second factor, after the password. */
export const secondFactorPage = (page: SecondFactorPage): string => {
  const { path, csrf, to, problem, messages } = page
  const { secondFactor: texts } = messages
  return layout(
    { ...page, title: texts.title, problem },
    html`
      <form id="second_factor" method="post" action="${path}/login/code">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="to" value="${to}" />
        ${field({ id: 'code', label: texts.label, autocomplete: 'one-time-code', maxlength: 64, problem })}
        <button type="submit">${texts.submit}</button>
      </form>
    `,
  )
}
