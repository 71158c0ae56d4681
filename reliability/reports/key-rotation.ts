import { rotateKeys, type KeyRotationFigures } from '../key-rotation.ts'
import { count, exactly, none, some, type Experiment, type Report } from '../report.ts'

const size = { rotations: 10, tokensPerStep: 6 }
const names = ['grantry', 'jose', 'oauth4webapi'] as const

const total = ({ failed }: KeyRotationFigures): number => names.reduce((sum, name) => sum + failed[name], 0)

const run = async (): Promise<Report> => {
  const figures = await rotateKeys(size)
  const hasty = await rotateKeys({ ...size, mistake: 'switches at once' })
  const forgetful = await rotateKeys({ ...size, mistake: 'deletes at once' })
  return {
    title: 'Keys that are rotated',
    method:
      'Two nodes over one store issue access tokens (RFC 9068) by RS256, ES256 and EdDSA. The keys of one algorithm after the other are rotated, by both nodes at once, with the shortest times ' +
      'that are accepted: announced for 390 seconds, published for 900 seconds after that; tokens live 600 seconds. `signedTokenVerifier`, jose (`createRemoteJWKSet`) and ' +
      'oauth4webapi (`validateJwtAccessToken`) check each token when it is new and shortly before it ends, and some between. They keep the JWKS for its `max-age`, 300 seconds, as they got it from either ' +
      'node; the first two ask for it sooner for no token. The clock of the process is moved by steps of up to 12 seconds. A signature is by an unpublished key where a node has not published the key for 300 seconds.',
    rows: [
      exactly('rotations', figures.keys, size.rotations),
      count('tokens', figures.tokens),
      count('verifications', figures.verifications),
      ...names.map((name) => none(`${name}: good tokens refused`, figures.failed[name])),
      none('signatures by an unpublished key', figures.unpublished),
      count('reads of the keys, by both nodes', figures.reads),
    ],
    control: 'New keys that sign at once, and old keys that are deleted as soon as the new ones sign.',
    controlRows: [
      ...names.map((name) => some(`signs at once, ${name}: good tokens refused`, hasty.failed[name])),
      some('signs at once: signatures by an unpublished key', hasty.unpublished),
      some('deleted at once: good tokens refused', total(forgetful)),
    ],
  }
}

/** Rotation of signing keys under load. */
export const keyRotation: Experiment = { name: 'key-rotation', needsPostgres: false, run }
