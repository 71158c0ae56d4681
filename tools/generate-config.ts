/**
 * Writes the JSON schema of the configuration file, and its reference, from the table of settings. `--check` only says whether they are up
 * to date.
 *
 *     npm run config
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { fallbackText, variableOf } from '../packages/server/src/config/setting.ts'
import { fileJsonSchema, settings } from '../packages/server/src/config/settings-table.ts'
import { staticClientSchema } from '../packages/server/src/config/static-client.ts'

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

const written = async (path: string, text: string): Promise<readonly [string, string]> => {
  const full = join(root, path)
  return [full, await format(text, { ...(await resolveConfig(full)), filepath: full })]
}

const files = await Promise.all([
  written('packages/server/config.schema.json', JSON.stringify(fileJsonSchema())),
  written('docs/reference/configuration.md', page),
])
for (const [path, text] of files) {
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    process.exitCode = 1
    console.error(`${path} is not what the table of settings says. Run: npm run config`)
  }
}
