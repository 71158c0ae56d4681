import { checkRows } from '../packages/server/src/doctor/checks.ts'
import { profiles } from '../packages/server/src/doctor/profiles.ts'
import { settingsChecks, type SettingsCheck } from '../packages/server/src/doctor/settings-checks.ts'

const areas = { settings: 'Settings', deployment: 'What is around them', client: 'Each client' } as const

const sourceText = (source: string): string =>
  source.startsWith('docs/')
    ? `[${source.replace(/^docs\/guide\/|\.md$/g, '')}](../${source.slice('docs/'.length)})`
    : source

const tableOf = (area: keyof typeof areas): string => {
  const rows = checkRows.filter((row) => row.area === area)
  const lines = rows.map(
    ({ id, severity, text, mend, source }) => `| \`${id}\` | ${severity} | ${text} | ${mend} | ${sourceText(source)} |`,
  )
  return `## ${areas[area]}

| check | severity | what is wrong | what to do | source |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`
}

const profileRows = Object.entries(profiles).map(([name, { about, severities }]) => {
  const others = Object.entries(severities).map(([id, severity]) => `\`${id}\`: ${severity}`)
  return `| \`${name}\` | ${about} | ${others.join(', ') || 'as in the tables'} |`
})

const refusing = Object.entries<SettingsCheck>(settingsChecks)
  .filter(([, { refusesStart }]) => refusesStart === true)
  .map(([id]) => `\`${id}\``)

/** The reference of what the doctor looks at. */
export const doctorPage = (): string => `# Checks of the doctor

What \`grantry-server doctor\` looks at, made by \`npm run config\` from the tables that it works with
(\`packages/server/src/doctor\`). [Before it goes live](../guide/operate.md#before-it-goes-live) says how it is used.

A server does not start with what ${refusing.join(', ')} find, unless it is for development.

| profile | what it is | severities that differ |
| --- | --- | --- |
${profileRows.join('\n')}

${(Object.keys(areas) as (keyof typeof areas)[]).map(tableOf).join('\n')}`
