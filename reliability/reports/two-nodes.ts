import { count, exactly, none, some, type Experiment, type Report } from '../report.ts'
import { killTwoNodes, killWrongNodes } from '../two-nodes.ts'

const kills = 30

const run = async (): Promise<Report> => {
  const figures = await killTwoNodes(kills)
  const control = await killWrongNodes(3)
  return {
    title: 'Two nodes, one of which is killed',
    method:
      'Two processes of `grantry-server start` on one PostgreSQL (with fsync). Eight workers present codes and refresh tokens to both at the same time, get tokens, and revoke at one node what ' +
      'must then be dead at the other. SIGKILL ends one node after the other, each after answers that chance counts, and each is started again while its clients go on at the other: what ' +
      'has no answer is repeated there. A code may be spent when its answer was lost; then the user approves again. In the end both nodes are asked for everything that was acknowledged.',
    rows: [
      exactly('kills', figures.kills, kills),
      count('acknowledged answers', figures.acknowledged),
      count('requests without an answer, repeated', figures.broken),
      none('codes or refresh tokens spent twice', figures.doubles),
      none('acknowledged and lost', figures.lost),
      none('revoked and alive', figures.revived),
      none('failed although repeated', figures.failed + figures.unexpected),
      count('codes that were spent for an answer that was lost', figures.approvedAgain),
    ],
    control:
      'Two nodes that look first whether a code or a refresh token was used and write it by a second statement; 3 kills.',
    controlRows: [some('codes or refresh tokens spent twice', control.doubles)],
  }
}

/** Two nodes on one database. */
export const twoNodes: Experiment = { name: 'two-nodes', needsPostgres: true, run }
