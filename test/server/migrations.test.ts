/** The tables of the server on SQLite, by the command; and what keeps a step as it was released. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { serverMigrations } from '../../packages/server/src/database/server-migrations.ts'
import { allSteps, grantryServer } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-migrations-'))
after(() => rmSync(folder, { recursive: true }))

/** Databases have these steps. Where a checksum differs, all of them would be refused: add a step instead. */
const released = {
  sqlite: [
    'NtTBoBPpzpbd-71BmN4MmdyUt8M6WSUBlJnHmOiGzII',
    'CTGTC9tQOjyRyLvSk2I07xD-oSsfwMPTyvTSK1rNZ6I',
    'WYW-aGh6Ya1c7FprK5x16XDMxV3NvIGqqA4gkbeYsZ0',
    'bhfKw2sF_34x-atJgc3N7BPloYVrqAOyLR06Mk8OVe8',
    'enVqn-xiR6EkP7gwk79z4-0x0e2i4SGPAlEM83UJ9XQ',
    '-EJgn2W6TODWdYQE3_SXoFYuupBt2hidCxgV-nU4wdI',
    'r3yOt5j1Ejy5GJ-Mej3CVxHYPtIeYNl6zSgl9XJsca8',
    'theUuB235NPphNCZJVhEKKE9w2w-hfluXcO11nTf0wA',
    'W8PyVXWiTRz6ExeVblix0RWFNytGAoezDZKA311jMWE',
    'YFPLgP3dvjlSuc-mTimzqbqied3C_yIu3574SN048qw',
    '6ia0SayHLV8l4nwr8d1OPFLWZCQT958yYpVy9Cu4LC4',
    'lP9Zmuwg3W7OYgbqm6UUWR03SM-OFYQ1nI-2Vmtrqu0',
    'Pd5dyaraoeHuuIT-ZInzJ3vJll5kc76Cj7l2NdUSwRY',
    'hk2FKC0jgORuF02OwxGzSIjTWw6yTP828YoO8UWCUFo',
  ],
  postgres: [
    'Elk6mgM_ZK1laFAtTokTXLnWZsni497GnYdPWjZArfk',
    'qwvDqpnnmyC5_320Qiy58NLD6tTJW9Pw05R2ztw_z0k',
    'WLBjUYUGZNUP8MU974a1-KichzpzNMbXTFnfvVdRJvc',
    'bhfKw2sF_34x-atJgc3N7BPloYVrqAOyLR06Mk8OVe8',
    'kuS7tegIP7rtWxjz-w3-S3iV-cCSIsOh2Hb2mGETvGI',
    '-EJgn2W6TODWdYQE3_SXoFYuupBt2hidCxgV-nU4wdI',
    'TH0ximYkMlsd11sT8rYe76dHWQXhQaD-82Wy3XMhUV0',
    'theUuB235NPphNCZJVhEKKE9w2w-hfluXcO11nTf0wA',
    'ZZ1Ytcfk1YdtAV5RaQZG5cfP1wtPvMjLz450ZKWV-XE',
    'Z5oarAiVIkX_zs5lcyPClF0Mo4K5iToq1UdURTckwUw',
    's4-osyEv39F-zZ3wb_tCf2pr0OzKGJFRQsP6yaykfm0',
    'PGw-9Gwk08vxL2fPFoOYKg5pY8Q3N_Cbkk40YobbplQ',
    'jwbA1GbxoCEVY_sbadnqeV8Y43qcbWtrq0ImXTFiaR8',
    'Eq6FMMWSi9rDeXM9z3CesVJUqtqXSkixIPqfwEewW3s',
  ],
}
for (const dialect of ['sqlite', 'postgres'] as const) {
  test(`the steps for ${dialect} are those that databases have`, () => {
    const checksums = serverMigrations(dialect).migrations.map(({ sql }) =>
      createHash('sha256').update(sql).digest('base64url'),
    )
    assert.deepEqual(
      checksums,
      released[dialect],
      serverMigrations(dialect)
        .migrations.map(({ sql }) => sql)
        .join(),
    )
  })
}

test('migrate on SQLite: status makes nothing, up makes the tables, status and plan say so', async () => {
  const data = join(folder, 'data')
  const migrate = (name: string) => grantryServer(['migrate', name, '--data', data]).ended
  const missing = await migrate('status')
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /there is no database .*grantry\.db.*"grantry-server start" makes one/)
  assert.ok(!existsSync(data))
  const applied = allSteps('applied')
  assert.equal((await migrate('up')).stdout, applied)
  assert.equal((await migrate('status')).stdout, applied)
  assert.equal((await migrate('plan')).stdout, '-- Nothing is pending.')
})
