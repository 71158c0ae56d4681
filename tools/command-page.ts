import { walkCommands, type CommandNode } from '../packages/server/src/commands/command-tree.ts'
import { createProgram } from '../packages/server/src/commands/program.ts'
import { settings } from '../packages/server/src/config/settings-table.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

type Option = CommandNode['options'][number]
type Argument = CommandNode['command']['registeredArguments'][number]

/** Settings have a reference of their own; commands share them. */
const settingFlags = new Set<string | undefined>([...settings.map(([, { flag }]) => flag), '--config <file>'])

const argumentText = (argument: Argument): string =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`

const optionText = ({ flags, mandatory }: Option): string => `\`${cell(flags)}\`${mandatory ? ' (needed)' : ''}`

const isOwn = ({ flags, long }: Option): boolean => !settingFlags.has(flags) && long !== '--help'

const rowOf = ({ path, command, options }: CommandNode): string => {
  const words = [...path, ...command.registeredArguments.map(argumentText)].join(' ')
  const own = options.filter(isOwn).map(optionText)
  const shared = options.some(({ flags }) => settingFlags.has(flags)) ? ['settings'] : []
  return `| \`${cell(words)}\` | ${cell(command.description())} | ${[...own, ...shared].join(', ')} |`
}

/** The guide to the command line, with every command. */
export const commandPage = async (): Promise<string> => {
  const commands = walkCommands(await createProgram()).filter(
    ({ path, children }) => path.length > 0 && children.length === 0,
  )
  return `# The command line

Every command of \`grantry-server\`, made by \`npm run config\` from the commands themselves. \`grantry-server help COMMAND\` says more about each,
\`--version\` which one it is; a name that there is not is refused with the nearest one.

- **Where the data is** is told to all commands as it is to the server: \`--data\`, \`--database\`, \`--config\`, or the [environment](../reference/configuration.md). They
  work beside running servers, but for \`restore\`.
- **Exit codes**: 0 done, 1 not done, with a line on standard error that says why and how to mend it, 2 wrong options or configuration.
- **\`--json\`** is for programs. What a program needs is on standard output, the rest on standard error.
- **Secrets** come by standard input, files, or the environment: arguments can be read by every user of the machine. So leave the token out where a command takes one,
  and pipe it in.

| command | what it does | options |
| --- | --- | --- |
${commands.map(rowOf).join('\n')}

_settings_: the flags of [these](../reference/configuration.md) that the command needs; \`start\`, \`doctor\` and \`config\` take all of them.

## Completion

\`\`\`sh
source <(grantry-server completion bash)   # in ~/.bashrc
source <(grantry-server completion zsh)    # in ~/.zshrc
grantry-server completion fish | source    # in ~/.config/fish/config.fish
\`\`\`

The scripts are made of the commands of this version: make them anew after an update.
`
}
