/** The style sheet of every page. */
export const style = `
:root { color-scheme: light dark; --line: #b9bec8; --accent: #1f5fbf; --on-accent: #fff; --problem: #a32020; --warning: #7a4d00 }
@media (prefers-color-scheme: dark) {
  :root { --line: #565d6b; --accent: #8ab4f8; --on-accent: #10131a; --problem: #ff9d9d; --warning: #ffcf85 }
}
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; overflow-wrap: anywhere }
main { max-width: 26rem; margin: 10vh auto; padding: 0 1rem }
h1 { font-size: 1.5rem; line-height: 1.2 }
label { display: block; margin: 1rem 0 .25rem }
input:not([type=checkbox], [type=hidden]) { width: 100%; padding: .6rem; font: inherit; border: 1px solid var(--line); border-radius: .4rem }
fieldset { margin: 1rem 0; border: 1px solid var(--line); border-radius: .4rem }
.scope { margin: .4rem 0 }
button { margin-top: 1.25rem; padding: .6rem 1.2rem; font: inherit; color: var(--on-accent); background: var(--accent);
  border: 1px solid var(--accent); border-radius: .4rem; cursor: pointer }
#deny { color: inherit; background: transparent; border-color: var(--line) }
.choice { display: flex; gap: .75rem }
.problem { color: var(--problem); font-weight: 600 }
.warning { color: var(--warning) }
.note, dd { font-size: .9rem }
dt { margin-top: .75rem }
dd { margin: 0 }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
`
