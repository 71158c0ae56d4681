import { seeded } from './chance.ts'
import { subjects, type Subject } from './store-operations.ts'
import type { Operation } from './store-specification.ts'

/** A history to be made: what begins at once. */
export interface Plan {
  readonly id: string
  readonly subject: Subject
  readonly operations: readonly Operation[]
}

/** One operation on a subject; most of them are those of which only one may win. `name` is its place in the history. */
const pick = (subject: Subject, name: number, random: () => number): Operation => {
  const dice = random()
  switch (subject) {
    case 'code':
      return { kind: dice < 0.7 ? 'consume' : dice < 0.95 ? 'save' : 'revoke' }
    case 'refresh token':
      return dice < 0.7 ? { kind: 'rotate', sealed: `sealed${name}` } : { kind: dice < 0.95 ? 'save' : 'revoke' }
    case 'ticket':
      if (dice < 0.35) return { kind: 'decide ticket', to: random() < 0.7 ? 'approved' : 'denied' }
      return { kind: dice < 0.85 ? 'take ticket' : 'save' }
    case 'marker':
      return { kind: 'see', at: dice < 0.7 ? 0 : 10, seconds: 10 }
    case 'lease':
      return {
        kind: 'lease',
        owner: `node${Math.floor(random() * 3)}`,
        at: dice < 0.7 ? 0 : 10,
        seconds: dice < 0.1 ? 0 : 10,
      }
  }
}

/** The first two: one of each history begins with what only one can have. */
const contested = (subject: Subject, name: number): Operation => {
  switch (subject) {
    case 'code':
      return { kind: 'consume' }
    case 'refresh token':
      return { kind: 'rotate', sealed: `sealed${name}` }
    case 'ticket':
      return { kind: 'decide ticket', to: name === 0 ? 'approved' : 'denied' }
    case 'marker':
      return { kind: 'see', at: 0, seconds: 10 }
    case 'lease':
      return { kind: 'lease', owner: `node${name}`, at: 0, seconds: 10 }
  }
}

/** Plans histories of 4 to 8 operations, by chance: two of five on codes, two on refresh tokens, the others in turn. */
export const planHistories = (amount: number, random = seeded(amount)): readonly Plan[] => {
  const others = subjects.filter((subject) => subject !== 'code' && subject !== 'refresh token')
  const subjectOf = (index: number): Subject => {
    const place = index % 5
    if (place < 4) return place % 2 === 0 ? 'code' : 'refresh token'
    return others[Math.floor(index / 5) % others.length] ?? 'ticket'
  }
  return Array.from({ length: amount }, (_, index) => {
    const subject = subjectOf(index)
    const length = 2 + Math.floor(random() * 5)
    const operations = Array.from({ length }, (_, name) => pick(subject, name + 2, random))
    const all = [contested(subject, 0), ...operations, contested(subject, 1)]
    return { id: `subject${index}`, subject, operations: all }
  })
}
