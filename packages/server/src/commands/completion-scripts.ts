import type { Command, Option } from 'commander'
import { walkCommands, type CommandNode } from './command-tree.ts'

/** A word in single quotes, for bash, zsh and fish alike: none of ours has one in it. */
const quote = (text: string): string => `'${text.replaceAll(/['\\\n]/g, ' ')}'`

const longOf = ({ long, short }: Option): string => long ?? short ?? ''

const takesValue = ({ required, optional }: Option): boolean => required || optional

const keyOf = (path: readonly string[]): string => path.map((word) => ` ${word}`).join('')

/** What a file name is completed for. */
const isFile = (option: Option): boolean => takesValue(option) && /<(?:file|folder)>/.test(option.flags)

const wordsOf = ({ options, children }: CommandNode): string =>
  [...children.map((child) => child.name()), ...options.map(longOf)].join(' ')

const optionCases = ({ path, options }: CommandNode): readonly string[] =>
  options.filter(takesValue).map((option) => {
    const words = option.argChoices === undefined ? '' : ` choices=${quote(option.argChoices.join(' '))}`
    return `    ${quote(`${keyOf(path)} ${longOf(option)}`)})${words} files=${isFile(option) ? 'yes' : 'no'} ;;`
  })

/** Whether the arguments of a command are files. */
const hasFiles = ({ command }: CommandNode): boolean =>
  command.registeredArguments.some((argument) => ['file', 'folder'].includes(argument.name()))

const bash = (
  nodes: readonly CommandNode[],
): string => `# bash completion of grantry-server: source <(grantry-server completion bash)
_grantry_server() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} at='' choices='' files='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at \${COMP_WORDS[index]}" in
    ${nodes
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => quote(keyOf(path)))
      .join(' | ')}) at="$at \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$at $previous" in
${nodes.flatMap(optionCases).join('\n')}
  *) case "$at" in
${nodes.map((node) => `    ${quote(keyOf(node.path))}) choices=${quote(wordsOf(node))} files=${hasFiles(node) ? 'yes' : 'no'} ;;`).join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
  if [[ $files = yes && $current != -* ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -F _grantry_server grantry-server
`

const zsh = (nodes: readonly CommandNode[]): string => `#compdef grantry-server
# zsh completion of grantry-server: source <(grantry-server completion zsh)
autoload -U +X compinit && compinit -u
autoload -U +X bashcompinit && bashcompinit
${bash(nodes).split('\n').slice(1).join('\n')}`

/** What follows an option: a file, one of some words, anything, or nothing. */
const fishValue = (option: Option): string => {
  if (isFile(option)) return '-r -F'
  if (option.argChoices !== undefined) return `-x -a ${quote(option.argChoices.join(' '))}`
  return takesValue(option) ? '-x' : '-f'
}

const fishLines = ({ path, options, children }: CommandNode): readonly string[] => {
  const at = `complete -c grantry-server -n ${quote(`test "$(__grantry_server_path)" = "${keyOf(path)}"`)}`
  return [
    ...children.map((child) => `${at} -f -a ${child.name()} -d ${quote(child.description())}`),
    ...options.map((option) => {
      const name = longOf(option).replace(/^--/, '')
      return `${at} -l ${name} ${fishValue(option)} -d ${quote(option.description)}`
    }),
  ]
}

const fish = (
  nodes: readonly CommandNode[],
): string => `# fish completion of grantry-server: grantry-server completion fish | source
function __grantry_server_path
  set -l path ''
  set -l words (commandline -opc)
  for word in $words[2..-1]
    switch "$path $word"
      case ${nodes
        .filter(({ path }) => path.length > 0)
        .map(({ path }) => quote(keyOf(path)))
        .join(' ')}
        set path "$path $word"
    end
  end
  echo $path
end
${nodes.flatMap(fishLines).join('\n')}
`

const shells = { bash, zsh, fish }

/** The shells that there are completions for. */
export const shellNames = Object.keys(shells) as (keyof typeof shells)[] // Object.keys widens the names

/** The script by which a shell completes commands and options. */
export const completionScript = (shell: keyof typeof shells, program: Command): string =>
  shells[shell](walkCommands(program))
