import type { Command, Option } from 'commander'

/** A command with the way to it. */
export interface CommandNode {
  /** The words after the program; none for the program itself. */
  readonly path: readonly string[]
  readonly command: Command
  /** Those that are shown. */
  readonly options: readonly Option[]
  readonly children: readonly Command[]
}

/** All commands, each before those below it. */
export const walkCommands = (command: Command, path: readonly string[] = []): readonly CommandNode[] => {
  const helper = command.createHelp()
  const options = helper.visibleOptions(command)
  const children = helper.visibleCommands(command).filter((child) => child.name() !== 'help')
  return [
    { path, command, options, children },
    ...children.flatMap((child) => walkCommands(child, [...path, child.name()])),
  ]
}
