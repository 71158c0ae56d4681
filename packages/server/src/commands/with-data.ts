import { Command } from 'commander'
import { openData, type Data } from '../data.ts'
import { databaseOption, databaseWaitOption, dataOption } from './options.ts'

/** What a command is told of where the data is. */
export interface DataArguments {
  readonly data: string
  readonly database?: string
  readonly databaseWait: number
}

/** A command with the options that say where the data is. */
export const dataCommand = (name: string): Command =>
  new Command(name).addOption(dataOption()).addOption(databaseOption()).addOption(databaseWaitOption())

/** Runs `use` on the open database, and closes it whatever comes of it. `create` is as in `DataOptions`. */
export const withData = async (
  { data: folder, database, databaseWait }: DataArguments,
  { create }: { readonly create: boolean },
  use: (data: Data) => Promise<void>,
): Promise<void> => {
  const how = { databasePool: 1, allowUnsafeDurability: true, log: () => undefined } // whether it is durable is a matter of the server
  const data = await openData({ data: folder, database, databaseWait, create, ...how })
  try {
    await use(data)
  } finally {
    await data.close()
  }
}
