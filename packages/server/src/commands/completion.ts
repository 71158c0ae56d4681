import { Argument, Command } from 'commander'
import { completionScript, shellNames } from './completion-scripts.ts'

/** `grantry-server completion`: of the tree of all commands. */
export const completionCommand = (program: Command): Command =>
  new Command('completion')
    .description('print a script by which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'shell that it is for').choices(shellNames))
    .action((shell: (typeof shellNames)[number]) => void process.stdout.write(completionScript(shell, program)))
