import { measureTimes, type Difference } from '../timing.ts'
import type { Experiment, Report, Row } from '../report.ts'

const pairs = 10_000
const limit = 1

const rounded = (value: number): number => Math.round(value * 100) / 100

const rowsOf = ({ what, t, microseconds }: Difference): readonly Row[] => [
  {
    ...{ figure: `${what}: difference in µs`, value: rounded(Math.abs(microseconds)) },
    ...{ target: `< ${limit}`, isMet: Math.abs(microseconds) < limit },
  },
  { figure: `${what}: t`, value: rounded(t), target: '', isMet: true },
]

const run = async (): Promise<Report> => {
  const found = await measureTimes(pairs)
  const [early] = await measureTimes(pairs, true)
  const [microseconds, t] = [rounded(early?.microseconds ?? 0), rounded(early?.t ?? 0)]
  return {
    title: 'What the time of an answer tells',
    method:
      `Two requests that are wrong in different ways, at one server in memory, ${pairs.toLocaleString('en')} times in an order that chance chooses, without HTTP, so that less than a microsecond is seen. ` +
      "The slowest tenth of all is left out, in which something else had the processor; t is Welch's, above 4.5 the two are told apart. Over a network some microseconds are lost among a thousand of others.",
    rows: found.flatMap(rowsOf),
    control: 'A comparison letter by letter, which ends at the first that differs.',
    controlRows: [
      {
        figure: 'first or last letter: difference in µs',
        value: microseconds,
        target: `> ${limit}`,
        isMet: microseconds > limit,
      },
      { figure: 'first or last letter: t', value: t, target: '> 4.5', isMet: t > 4.5 },
    ],
  }
}

/** Comparisons of secrets, tokens and clients by their time. */
export const timing: Experiment = { name: 'timing', needsPostgres: false, run }
