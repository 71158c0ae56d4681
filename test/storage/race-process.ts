import { SqliteStore } from 'grantry/storage/sqlite'
import { accessRow, digestOf, refreshRow, rotationOf, start } from './rows.ts'

/** A process that opens a store, says so, and on any message redeems codes, rotates and saves tokens; it sends how often it won. */
const [path = '', name = '', rounds = '0'] = process.argv.slice(2)
const store = new SqliteStore(path)

const race = async (): Promise<{ codes: number; rotations: number }> => {
  const won = { codes: 0, rotations: 0 }
  for (let round = 0; round < Number(rounds); round++) {
    if (typeof (await store.consumeCode(digestOf(`code${round}`), 'app', start)) === 'object') won.codes++
    const successor = refreshRow(`next${round}${name}`, `r${round}`)
    const rotation = { digest: digestOf(`refresh${round}`), successor, access: undefined }
    if ((await store.rotateRefreshToken(rotationOf(name, rotation))).outcome === 'rotated') won.rotations++
    await store.putTokens({ grantId: `c${round}`, access: accessRow(`access${round}${name}`, `c${round}`) })
  }
  return won
}

process.once('message', () => {
  void race().then((won) => {
    store.close()
    process.send?.(won, () => process.disconnect())
  })
})
process.send?.('open')
