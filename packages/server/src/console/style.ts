/** The style sheet of the console, beside that of the pages. */
export const consoleStyle = `
body.console { padding: 0 }
.console > header { background: var(--card); border-bottom: 1px solid var(--line) }
.console .bar, .console main, .console nav { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem }
.console .bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding-top: .6rem }
.console .bar .brand { margin: 0 auto 0 0; padding: 0; max-width: none }
.console .bar form { margin: 0 }
.console .bar button { margin: 0; min-height: 2.75rem; padding: .25rem .9rem }
.console nav { display: flex; flex-wrap: wrap; gap: 0 .25rem }
.console nav a { padding: 0 .7rem; color: var(--text); text-decoration: none; border-bottom: 3px solid transparent }
.console nav a:hover { color: var(--accent) }
.console nav a[aria-current] { color: var(--accent); border-color: var(--accent); font-weight: 600 }
.console main { padding-top: 1.5rem; padding-bottom: 4rem; background: none; border: 0; border-radius: 0 }
.console h2 { margin: 2rem 0 .6rem }
.console .card { margin: 1rem 0; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
.console .card > :first-child { margin-top: 0 }
.console .card > :last-child { margin-bottom: 0 }
.console .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16.5rem), 1fr)); gap: 1rem; align-items: start }
.console .columns > .card { margin: 0 }
.console .scroll { overflow-x: auto; margin: .75rem 0; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
.console table { width: 100%; border-collapse: collapse; font-size: .925rem; overflow-wrap: normal }
.console th, .console td { padding: .5rem .9rem; text-align: left; vertical-align: top; white-space: nowrap }
.console td.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 12rem }
.console thead th { font-size: .8rem; font-weight: 600; color: var(--quiet); border-bottom: 1px solid var(--line) }
.console tbody tr + tr > * { border-top: 1px solid var(--line) }
.console tbody th { font-weight: 600 }
.console td.number, .console th.number { text-align: right; font-variant-numeric: tabular-nums }
.console td form, .console .row form { margin: 0 }
.console td button { margin: 0; min-height: 2.75rem; padding: .2rem .9rem }
.console .row { display: flex; flex-wrap: wrap; align-items: end; gap: .5rem 1rem }
.console .row > label, .console .row > div { flex: 1 1 13rem; margin: 0 }
.console .row button { margin: 0 }
.console .row label { margin-top: 0 }
.console dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .35rem 1.5rem; margin: 0 }
.console dt { margin: 0; color: var(--quiet) }
.console dd { color: var(--text); font-size: 1rem; overflow-wrap: anywhere }
.console textarea, .console select { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: var(--text); background: var(--card);
  border: 1px solid var(--border); border-radius: .5rem }
.console textarea { font-family: ui-monospace, monospace; font-size: .9rem; resize: vertical }
.console .secret { display: block; margin: .5rem 0; padding: .6rem .8rem; font-size: 1.05rem; background: var(--page); border: 1px dashed var(--border); border-radius: .5rem; user-select: all }
.console .tag { display: inline-block; padding: .05rem .55rem; font-size: .82rem; font-weight: 600; border-radius: 1rem; background: var(--done); color: var(--onDone) }
.console .tag.off { background: var(--problem); color: var(--onProblem) }
.console button.danger { color: var(--card); background: var(--onProblem); border-color: var(--onProblem) }
.console label.check { display: flex; align-items: center; gap: .6rem; min-height: 2.75rem; margin: .5rem 0 0; font-weight: 400 }
.console .check input { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent) }
.console .figure { margin: 0; font-size: 1.9rem; font-weight: 650; line-height: 1.1; font-variant-numeric: tabular-nums }
.console .card h2 { margin: 0 0 .35rem; font-size: .95rem; color: var(--quiet); font-weight: 600 }
.console svg { display: block; width: 100%; height: 5rem; margin: .6rem 0 .3rem }
.console svg rect { fill: var(--accent) }
.console svg.bad rect { fill: var(--onProblem) }
.console svg line { stroke: var(--line) }
.console details > summary { min-height: 2.75rem; display: flex; align-items: center; color: var(--accent); cursor: pointer }
.console h2 + .note { margin-top: 0 }
@media (max-width: 40rem) {
  .console .bar, .console main, .console nav { padding-left: .9rem; padding-right: .9rem }
  .console dl { grid-template-columns: 1fr; gap: 0 }
  .console dd { margin-bottom: .6rem }
}
`
