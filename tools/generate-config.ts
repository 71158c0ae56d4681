/**
 * Writes the JSON schema of the configuration file and its reference from the table of settings, and the reference of audit events from
 * theirs. `--check` only says whether they are up to date.
 *
 *     npm run config
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { auditTable } from '../packages/server/src/audit/audit-table.ts'
import { fallbackText, variableOf } from '../packages/server/src/config/setting.ts'
import { fileJsonSchema, settings } from '../packages/server/src/config/settings-table.ts'
import { staticClientSchema } from '../packages/server/src/config/static-client.ts'
import { commandPage } from './command-page.ts'
import { doctorPage } from './doctor-page.ts'
import { exportPage } from './export-page.ts'
import { grafanaDashboard } from './grafana-dashboard.ts'

const root = join(import.meta.dirname, '..')

const cell = (text: string): string => text.replaceAll('|', '\\|')

const rowOf = ([name, setting]: (typeof settings)[number]): string => {
  const { flag, kind, description } = setting
  const repeated = kind === 'list' ? ', repeated' : ''
  const typed = flag === undefined ? '' : `\`${cell(flag)}\`${repeated}`
  const variable = kind === 'file only' ? '' : `\`${variableOf(name)}\``
  return `| \`${name}\` | ${typed} | ${variable} | ${cell(fallbackText(setting)) || 'none'} | ${cell(description)} |`
}

const clientRow = ([name, { description = '' }]: [string, { readonly description?: string | undefined }]): string =>
  `| \`${name}\` | ${cell(description)} |`

const page = `# Configuration

Every setting of \`grantry-server\`, made by \`npm run config\` from the table that the server itself uses
(\`packages/server/src/config/settings-table.ts\`). [Run the server](../guide/configuration.md) says how they go together.

| in the file | on the command line | in the environment | default | what it is |
| --- | --- | --- | --- | --- |
${settings.map(rowOf).join('\n')}

In the environment, lists are separated by commas. Each variable has a twin that ends in \`_FILE\` and names a file with the value.

## Clients of the file

| in \`clients\` | what it is |
| --- | --- |
${Object.entries(staticClientSchema.shape).map(clientRow).join('\n')}
`

const eventRow = ([type, { version, actor, details, written, about }]: (typeof auditRows)[number]): string =>
  `| \`${type}\` | ${version} | ${actor} | ${details.map((name) => `\`${name}\``).join(', ')} | ${written} | ${about} |`

const auditRows = Object.entries(auditTable)

const auditPage = `# Audit events

Every type of audit event of \`grantry-server\`, made by \`npm run config\` from the table that the server itself uses
(\`packages/server/src/audit/audit-table.ts\`). [Operate the server](../guide/operate.md#audit-events) says where they go.

| type | version | actor | \`details\` | written | what happened |
| --- | --- | --- | --- | --- | --- |
${auditRows.map(eventRow).join('\n')}

- **version** grows when a member changes its meaning or goes. Members that are added change nothing: pass over those that you do not know.
- **actor** is who did it, unless the event names somebody else: \`admin\` (the console or the admin API), \`command\` (the commands of the
  server). Types that begin with \`admin.\` are those of operators; what is in their \`details\` is theirs.
- **written** \`before\`: in the database before the answer was sent. \`soon\`: within about a second after it.
`

const written = async (path: string, text: string): Promise<readonly [string, string]> => {
  const full = join(root, path)
  return [full, await format(text, { ...(await resolveConfig(full)), filepath: full })]
}

const files = await Promise.all([
  written('packages/server/config.schema.json', JSON.stringify(fileJsonSchema())),
  written('packages/server/grafana/grantry.json', JSON.stringify(grafanaDashboard())),
  written('docs/reference/configuration.md', page),
  written('docs/reference/audit-events.md', auditPage),
  written('docs/reference/export-format.md', await exportPage()),
  written('docs/reference/doctor.md', doctorPage()),
  written('docs/guide/command-line.md', await commandPage()),
])
for (const [path, text] of files) {
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    process.exitCode = 1
    console.error(`${path} is not what the tables say. Run: npm run config`)
  }
}
