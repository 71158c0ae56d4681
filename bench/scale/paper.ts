import type { Measured, ScaleFigures } from './measure.ts'
import { pairsOf, short } from './report.ts'

const find = (figures: ScaleFigures, flow: Measured['flow'], format: Measured['format']): Measured => {
  const pair = pairsOf(figures).find(([one]) => one.flow === flow && one.format === format)
  if (pair === undefined) throw new Error(`${flow} was not measured.`)
  return pair[0]
}

/** A PostgreSQL to reckon with: cores, and the share of them that may be busy. */
const example = { cores: 16, share: 0.7 }

const requestsOf = ({ cpuMs }: Measured): number => (example.cores * example.share * 1000) / cpuMs.database

const limits = (figures: ScaleFigures): string => {
  const flows = [
    find(figures, 'client_credentials', 'opaque'),
    find(figures, 'code, then refresh', 'opaque'),
    find(figures, 'introspection', 'opaque'),
    find(figures, 'client_credentials', 'jwt'),
  ]
  const rows = flows.map((flow) => {
    const rate = requestsOf(flow)
    const cells = [
      short(rate),
      short((rate * flow.cpuMs.nodes) / 1000),
      short((rate * flow.databaseMs) / 1000),
      short((rate * flow.logBytes) / 1e6),
    ]
    return `| ${flow.flow} | ${flow.format} | ${cells.join(' | ')} |`
  })
  const head = '| flow | tokens | requests/s | cores of nodes | connections at work | MB/s of log |'
  return [head, '| --- | --- | ---: | ---: | ---: | ---: |', ...rows].join('\n')
}

const never = (figures: ScaleFigures): string => {
  const documents = find(figures, 'metadata and keys', 'jwt')
  const signed = find(figures, 'client_credentials', 'jwt')
  return `## What never touches the database

- Metadata and keys: ${short(documents.queries)} queries of a request, measured. A cache or CDN before them takes even the node out of it.
- Verification of a signed access token at a resource server that has the keys: not even a request to the provider.
- \`/health/live\` and the style sheet.
- Signed tokens of a client for itself write nothing: ${short(signed.queries)} query, for the client, and ${short(signed.logBytes)} bytes of log.

So the first step is none of PostgreSQL's: signed tokens with short lives (\`--token-format jwt\`, the default) for whatever can wait that long for a revocation,
and introspection for what cannot.`
}

const reckon = (figures: ScaleFigures): string => {
  const opaque = find(figures, 'client_credentials', 'opaque')
  const tokens = 36_000_000
  return `## When PostgreSQL is the limit

A node keeps nothing, so nodes are added until the database is busy. By the CPU times above, ${example.cores} cores of PostgreSQL, ${short(example.share * 100)} % busy, serve one of these flows at about:

${limits(figures)}

This is a reckoning from one small machine, by CPU alone: larger machines have slower cores, other disks and longer ways. “Connections at work” is
the rate times the time that PostgreSQL runs the statements of a request: how few are needed, not how many are open. Room: a live opaque token takes ${short(figures.bytesPerToken)} bytes
here with its indices, so that ${short(tokens / 3600)} a second that live for an hour, ${short(tokens / 1e6)} million, take ${short((tokens * figures.bytesPerToken) / 1e9)} GB, which belongs into memory. Most of the CPU time of PostgreSQL is not spent
in the statements: ${short(opaque.databaseMs)} of ${short(opaque.cpuMs.database)} ms for a token of a client is execution, the rest is parsing, planning, commit and the connection. Statements
are sent without names, so that poolers in transaction mode work; that is where there is most to win.`
}

const path = `## The path

1. **Connections.** Each node opens up to 10 (\`--database-pool\`); the default of PostgreSQL, 100, is enough for nine nodes. Beyond that, PgBouncer in transaction mode
   with about two connections for each core of the database: every operation is one statement that keeps nothing on the connection, and a test runs through PgBouncer where it is installed.
2. **Read replicas** are for what may be late: reports, lists of clients, backups, and to take over when the first one fails (synchronously replicated, or what was
   acknowledged last is lost). They are not for introspection, codes and refresh tokens: a replica that lags behind by a second calls a token active that was revoked a second ago.
   \`synchronous_commit = remote_apply\` would mend it, at the price of a round trip in each write.
3. **Partitions by realm.** \`realm\` leads every key and is in every statement, so \`PARTITION BY LIST (realm)\` works without a change of a statement, and a large realm can move to a
   database of its own: a store is one realm.
4. **Partitions by expiry** would turn clean-up into \`DROP TABLE\`. But a token is looked up by its digest, which says nothing of its expiry: each look-up would ask every partition, and the
   primary key would have to contain the expiry. It is worth it only with tokens that carry their time in front of the random part, which Grantry does not make yet.
5. **Shards by grant.** Everything of a family has its \`grant_id\`, and no statement touches two families but \`revokeGrants\`, which would ask every shard. Codes and tokens come as strings, so
   they would have to name their shard in front; clients and keys are few and would be copied to each; markers and attempts go by their digest. Tokens of clients for themselves have no family and can
   be anywhere.
6. **Redis** (\`composeStores\`) takes what lives for minutes, tickets, markers and attempts, off PostgreSQL.

## Engines that speak PostgreSQL's protocol

None was tried; this is what a look at the statements says.

- Clean-up deletes by \`ctid\`, which CockroachDB does not have: there it must be by primary key.
- \`FOR UPDATE SKIP LOCKED\` lets nodes clean up side by side. An engine without it needs one node at a time, by \`lease\`.
- Codes, saves and rotations are statements with several parts (\`WITH\`) that all see the data as of its start, and change one table in more than one part (a rotation updates the presented token, updates its
  predecessor and inserts its successor). CockroachDB refuses two changes of one table in a statement unless told otherwise, because it cannot order them; these touch different rows, but that is for its
  tests to say.
- A row that another transaction changed meanwhile is read again under READ COMMITTED. CockroachDB defaults to SERIALIZABLE, YugabyteDB maps READ COMMITTED to snapshots unless it is switched on: losers of a race then
  get \`40001\`, which is repeated three times and is then a 503, never a second success.
- Tables are migrated by one \`DO\` block that locks a table; \`json_populate_recordset\` takes rows. Both must be there.
- The checks of \`grantry/testing\` are the judge: they race eight callers for each operation.`

/** What follows from the figures. */
export const paper = (figures: ScaleFigures): string => [never(figures), reckon(figures), path].join('\n\n')
