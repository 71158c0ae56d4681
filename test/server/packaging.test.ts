/** What the server is installed with: the container file, the systemd unit, and the command by which both ask whether it is ready. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { validate } from 'dockerfile-utils'
import { startServer } from 'grantry-server'
import { grantryServer } from './command.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'grantry-packaging-'))
after(() => rmSync(folder, { recursive: true }))

describe('health', () => {
  const ask = (...args: readonly string[]) => grantryServer(['health', ...args]).ended

  test('of a server that is ready, below the path of its issuer', async () => {
    const data = join(folder, 'data')
    const server = await startServer({ port: 0, data, issuer: 'http://localhost/auth', log: () => undefined })
    const { port } = new URL(server.url)
    const issuer = ['--issuer', 'http://localhost/auth']
    const [ready, elsewhere] = await Promise.all([ask('--port', port, ...issuer), ask('--port', port)])
    await server.close()
    assert.deepEqual(ready, { code: 0, stdout: 'ready', stderr: '' })
    assert.deepEqual([elsewhere.code, /not ready \(404\)/.test(elsewhere.stderr)], [1, true])
  })

  test('of none', async () => {
    const { code, stderr } = await ask('--port', '1')
    assert.equal(code, 1)
    assert.equal(stderr, 'grantry-server: No server answers at http://localhost:1/health/ready.\n')
  })
})

describe('the container file', () => {
  const text = readFileSync(join(root, 'packaging/Containerfile'), 'utf8')
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  const of = (instruction: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1))

  test('has no fault that a linter finds', () => {
    assert.deepEqual(
      validate(text).map(({ message, range }) => [range.start.line + 1, message]),
      [],
    )
  })

  test('is built from images of one major version, and from what is locked', () => {
    assert.deepEqual([...new Set(of('FROM').map((from) => from.split(' ')[0]))], ['node:24-slim'])
    const installs = of('RUN').filter((command) => command.includes('npm') && !command.includes('run build'))
    assert.ok(installs.length > 0)
    for (const install of installs) assert.match(install, /^npm ci .*--ignore-scripts/)
  })

  test('copies what is there', () => {
    const copied = of('COPY').filter((what) => !what.startsWith('--from'))
    for (const what of copied.flatMap((each) => each.split(' ').slice(0, -1)))
      assert.ok(existsSync(join(root, what)), what)
  })

  test('has all of the package that is used while it runs', () => {
    const { files } = JSON.parse(readFileSync(join(root, 'packages/server/package.json'), 'utf8')) as {
      files: string[]
    }
    const unused = new Set(['src', 'grafana', 'README.md', 'LICENSE'])
    const final = text.slice(text.indexOf(' AS packages'))
    for (const [file = ''] of files.map((each) => each.split('/')))
      assert.ok(unused.has(file) || final.includes(`packages/server/${file}`), file)
  })

  test('runs without rights, answers whether it is ready, and has no secret', () => {
    assert.deepEqual(of('USER'), ['node'])
    assert.match(of('HEALTHCHECK')[0] ?? '', /CMD \["node", ".*main\.js", "health"\]$/)
    assert.doesNotMatch(text, /secret|password|token/i)
    assert.doesNotMatch(readFileSync(join(root, '.dockerignore'), 'utf8'), /^!/m)
  })
})

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0

describe('the systemd unit', { skip: hasAnalyze ? false : 'systemd-analyze is not installed' }, () => {
  const source = readFileSync(join(root, 'packaging/systemd/grantry-server.service'), 'utf8')
  const unit = join(folder, 'grantry-server.service')
  writeFileSync(unit, source.replace('/usr/local/bin/grantry-server', process.execPath))

  test('can be read by systemd, without a warning', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
    assert.deepEqual([status, stderr.split('\n').filter((line) => line.includes('grantry-server'))], [0, []])
  })

  test('leaves little to attack: an exposure of 1.5 at most, by systemd’s own measure', () => {
    const report = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
      encoding: 'utf8',
    })
    const exposure = Number(/Overall exposure level for .*: (\d+\.\d)/.exec(report)?.[1])
    assert.ok(exposure <= 1.5, report)
  })
})
