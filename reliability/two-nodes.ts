import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresStore } from 'grantry/storage/postgres'
import { seeded } from './chance.ts'
import { workWhile, type ClusterFigures } from './cluster-bench.ts'
import { realNode, startNode, wrongNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { durable, withPostgres } from './postgres-bench.ts'

/** What two nodes gave of which one was killed again and again. */
export interface TwoNodeFigures extends ClusterFigures {
  readonly kills: number
}

/** Kills one node after the other, each after answers that chance counts, and starts it again. */
const killInTurn = async (
  kills: number,
  program: NodeProgram,
  nodes: NodeProcess[],
  store: PostgresStore,
): Promise<TwoNodeFigures> => {
  const random = seeded(kills)
  const urls = nodes.map(({ url }) => url)
  const figures = await workWhile({ store, urls, codes: 100 + kills * 100 }, async ({ afterAnswers }) => {
    for (let index = 0; index < kills; index++) {
      await afterAnswers(20 + Math.floor(random() * 80))
      await nodes[index % 2]?.end('SIGKILL')
      await afterAnswers(20)
      const node = await startNode(program)
      nodes[index % 2] = node
      urls[index % 2] = node.url
    }
    await afterAnswers(40)
  })
  return { ...figures, kills }
}

const run = (kills: number, programFor: (folder: string, url: string) => NodeProgram): Promise<TwoNodeFigures> =>
  withPostgres(durable, async ({ url, openPool }) => {
    const folder = mkdtempSync(join(tmpdir(), 'grantry-nodes-'))
    const program = programFor(folder, url)
    const nodes: NodeProcess[] = []
    try {
      nodes.push(await startNode(program), await startNode(program))
      return await killInTurn(kills, program, nodes, new PostgresStore(openPool()))
    } finally {
      await Promise.all(nodes.map((node) => node.end('SIGKILL')))
      rmSync(folder, { recursive: true })
    }
  })

/** Two nodes of the command on one PostgreSQL; clients present codes and refresh tokens to both at once. */
export const killTwoNodes = (kills: number): Promise<TwoNodeFigures> =>
  run(kills, (data, database) => realNode({ data, database, tokenFormat: 'opaque' }))

/** The same for nodes that look first and write later: it must give doubles. */
export const killWrongNodes = (kills: number): Promise<TwoNodeFigures> =>
  run(kills, (_, url) => wrongNode('wrong-node.ts', 'checks, then writes', url))
