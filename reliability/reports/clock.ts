import { differByClock, differWithoutGrace } from '../clock-difference.ts'
import { jumpClock, jumpWrongClock, type JumpFigures, type JumpOptions } from '../clock-jump.ts'
import { whyNoPostgres } from '../postgres-bench.ts'
import { count, none, some, type Experiment, type Report, type Row } from '../report.ts'

const jumps: readonly [name: string, seconds: number][] = [
  ['+1 hour', 3600],
  ['-2 hours', -7200],
  ['+10 years', 10 * 365 * 86_400],
]

const allVariants: readonly JumpOptions[] = [
  { backend: 'SQLite', tokenFormat: 'opaque' },
  { backend: 'SQLite', tokenFormat: 'jwt' },
  { backend: 'PostgreSQL', tokenFormat: 'opaque' },
  { backend: 'PostgreSQL', tokenFormat: 'jwt' },
]
const variants = allVariants.filter(({ backend }) => backend === 'SQLite' || whyNoPostgres === undefined)

const jumpRows = async (name: string, seconds: number): Promise<readonly Row[]> => {
  const all: JumpFigures[] = []
  for (const variant of variants) all.push(await jumpClock(seconds, variant))
  const sum = (figure: keyof JumpFigures, format?: JumpOptions['tokenFormat']): number =>
    all
      .filter((_, index) => format === undefined || variants[index]?.tokenFormat === format)
      .reduce((total, each) => total + each[figure], 0)
  return [
    count(`${name}: revoked tokens and used codes`, sum('ended')),
    ...(['opaque', 'jwt'] as const).map((format) =>
      none(`${name}: of these revived, ${format} tokens`, sum('revived', format)),
    ),
    count(`${name}: expired tokens that are live while the clock is behind`, sum('unexpired')),
    count(`${name}: good tokens and codes`, sum('live')),
    count(`${name}: of these, tokens that were over while the clock was wrong`, sum('early')),
    count(`${name}: of these over for good`, sum('lost')),
    count(`${name}: refreshes that the jump came between, repeated`, sum('repeated')),
    count(`${name}: of these taken for theft`, sum('alarms')),
  ]
}

const differenceRows = async (seconds: number, limit?: number): Promise<readonly Row[]> => {
  const figures = await differByClock(seconds)
  const name = `${seconds} s apart`
  const limited = limit === undefined ? count : none
  return [
    count(`${name}: refreshes repeated at the other node`, figures.repeated),
    limited(`${name}: of these taken for theft`, figures.alarms),
    count(`${name}: codes redeemed at the other node`, figures.codes),
    limited(`${name}: of these refused`, figures.refused),
    count(`${name}: tokens asked for at the other node`, figures.tokens),
    limited(`${name}: of these inactive there`, figures.inactive),
    none(`${name}: revoked and alive at the other node`, figures.revived),
  ]
}

const run = async (): Promise<Report> => {
  const rows: Row[] = []
  for (const [name, seconds] of jumps) rows.push(...(await jumpRows(name, seconds)))
  if (whyNoPostgres === undefined) rows.push(...(await differenceRows(5, 0)), ...(await differenceRows(60)))
  const dated = await jumpWrongClock(-7200)
  const trusting = await jumpClock(3600, { backend: 'SQLite', tokenFormat: 'jwt', trustsClock: true })
  const controlRows = [
    some('-2 hours, dated revocations: revoked and revived', dated.revived),
    some('+1 hour, clean-up that believes it: revoked and revived', trusting.revived),
  ]
  if (whyNoPostgres === undefined) {
    const { alarms } = await differWithoutGrace(5)
    controlRows.push(some('5 s apart, no grace: refreshes taken for theft', alarms))
  }
  return {
    title: 'Clocks that are wrong',
    method:
      `The clock of a server jumps and goes back; ${variants.length} servers: ${variants.map(({ backend, tokenFormat }) => `${backend} with ${tokenFormat} tokens`).join(', ')}. Before the jump there are expired, ` +
      'revoked and good tokens, used and new codes, and refreshes whose answer was lost. While the clock is wrong the server is asked for all of them, the refreshes are repeated, and the ' +
      'sweeper comes, which deletes nothing until a jump has held for an hour; then the clock is right again and all is asked for once more. What was revoked or used must stay so. A clock that is ahead ends tokens early (access tokens live 10 minutes, codes one, the ' +
      'grace of a refresh is 30 seconds); a clock that is behind lets expired tokens live on. Then two nodes on one PostgreSQL whose clocks differ do everything crosswise: ' +
      'at 5 seconds nothing may go wrong; what goes wrong at 60 seconds is beyond the grace of a refresh and the life of a code, so that the clocks of nodes must agree to a few seconds.',
    rows,
    control:
      'A store that takes a revocation for one from its time on, clean-up that believes the clock at once, and two nodes without a grace for repeated refreshes.',
    controlRows,
  }
}

/** Clocks that jump, and that differ. */
export const clock: Experiment = { name: 'clock', needsPostgres: false, run }
