import { colorVariables } from './colors.ts'

/** What a theme does not name. */
export const defaultAccent = '#1f5fbf'

const rules = `
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; padding: 6vh 1rem 3rem; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  background: var(--page); color: var(--text); overflow-wrap: anywhere }
.brand, main, body > footer { max-width: 28rem; margin: 0 auto }
.wide .brand, .wide main, .wide > footer { max-width: 44rem }
.brand { margin-bottom: 1rem; padding: 0 .25rem; font-weight: 600; color: var(--quiet) }
.brand img { display: block; max-width: 100%; height: 2.5rem }
body > footer { padding: 1rem .25rem 0; font-size: .9rem; color: var(--quiet) }
main > :last-child { margin-bottom: 0 }
main { padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25 }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.15rem; line-height: 1.3 }
h3 { margin: 0; font-size: 1rem }
p { margin: .75rem 0 }
ul { margin: .75rem 0; padding: 0; list-style: none }
a { color: var(--accent); text-underline-offset: .15em }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 }
nav a, .more a { display: inline-flex; align-items: center; min-height: 2.75rem }
label { display: block; margin: 1rem 0 .3rem; font-weight: 600 }
input:not([type=checkbox], [type=hidden]) { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit;
  color: var(--text); background: var(--card); border: 1px solid var(--border); border-radius: .5rem }
input[aria-invalid=true]:not([type=checkbox]) { border: 2px solid var(--onProblem) }
#user_code { font-family: ui-monospace, monospace; font-size: 1.25rem; letter-spacing: .1em; text-transform: uppercase }
fieldset { margin: 1.25rem 0; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .5rem }
legend { padding: 0 .4rem; font-weight: 600 }
label.scope { display: flex; align-items: center; gap: .75rem; min-height: 2.75rem; margin: 0; font-weight: 400 }
.scope input { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent) }
.scope small { flex: none; margin-left: auto; color: var(--quiet); white-space: nowrap }
button { min-width: 5.5rem; min-height: 2.75rem; margin-top: 1.25rem; padding: .5rem 1.25rem; font: inherit; font-weight: 600;
  color: var(--onAccent); background: var(--accent); border: 2px solid var(--accent); border-radius: .5rem; cursor: pointer }
button:hover, a.button:hover { filter: brightness(1.08) }
.upstreams { margin-top: 1.25rem }
.upstreams .note { text-align: center }
a.button { display: flex; align-items: center; justify-content: center; min-height: 2.75rem; margin-top: .5rem; padding: .5rem 1.25rem;
  font-weight: 600; text-decoration: none; color: var(--accent); border: 2px solid var(--border); border-radius: .5rem }
form.only button, #login button, #passkey button { width: 100% }
#deny, button.quiet { color: var(--accent); background: transparent }
button.quiet { margin-top: .5rem; border-color: var(--border) }
.choice { display: flex; gap: 0 .75rem; margin-bottom: 1rem }
.choice button { flex: 1 }
.problem, .warning, .done { padding: .7rem 1rem; border-radius: .5rem; border-left: .3rem solid }
.problem { background: var(--problem); color: var(--onProblem); font-weight: 600 }
.long { font-weight: 400 }
.warning { background: var(--warning); color: var(--onWarning) }
.done { background: var(--done); color: var(--onDone); font-weight: 600 }
.field-problem { margin: .3rem 0; color: var(--onProblem); font-weight: 600 }
.note, .facts, dd { font-size: .9rem; color: var(--quiet) }
.note { margin: .35rem 0 }
.client { display: flex; align-items: center; gap: 1rem; margin: .75rem 0 }
.client p { margin: 0 }
.facts, .links { margin: .5rem 0 }
.links { font-size: .9rem }
.links a { display: inline-block; padding: .2rem 0 }
.client img { flex: none; width: 4rem; height: 4rem; object-fit: contain; border-radius: .5rem }
.cards > li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1.5rem;
  padding: .9rem 0; border-top: 1px solid var(--line) }
.cards > li > div { flex: 1 1 18rem }
.cards button { margin: .25rem 0 }
.cards .more { margin: 0 }
input + label.scope { margin-top: 1.25rem }
.words { margin: .25rem 0; padding-left: 1.1rem; list-style: disc; font-size: .9rem }
dt { margin-top: .75rem }
dd { margin: 0 }
code { font-family: ui-monospace, monospace; font-size: .95em }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
[tabindex="-1"]:focus { outline: none }
@media (max-width: 30rem) {
  body { padding-top: 1rem }
  main { padding: 1.25rem }
}
`

/** The style sheet of every page. */
export const styleSheet = (accent: string): string => colorVariables(accent) + rules
