/** The same scripted requests, answered by oauthlib and by us: every difference is intended, and every intended one is there. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { intendedDifferences } from './intended-differences.ts'
import { names } from './method-names.ts'
import { findOauthlib, playOauthlib } from './oauthlib-process.ts'
import { differencesOf, fieldsOf, type Difference } from './observe.ts'
import { play } from './play.ts'
import { authorizationScenarios } from './scenarios-authorization.ts'
import { tokenScenarios } from './scenarios-token.ts'

const scenarios = [...authorizationScenarios, ...tokenScenarios]
const steps = scenarios.flatMap((scenario) => scenario.steps.map(({ name }) => name))
const oauthlib = findOauthlib()
const skip =
  oauthlib === undefined && 'there is no Python with oauthlib here (Debian: apt-get install python3-oauthlib)'

const written = ({ field, theirs, ours }: Difference): string => `${field}: ${theirs} → ${ours}`

const isIntended = (difference: Difference): boolean =>
  intendedDifferences.some(
    ({ steps: where, differences }) =>
      differences.includes(written(difference)) && (where === undefined || where.includes(difference.step)),
  )

describe(`oauthlib ${oauthlib?.version ?? ''}`, { skip }, () => {
  const differences: Difference[] = []
  before(async () => {
    const theirs = await playOauthlib(oauthlib?.python ?? '', scenarios)
    assert.equal(theirs.length, scenarios.length)
    for (const [index, scenario] of scenarios.entries()) {
      const ours = await play(scenario)
      for (const [place, { name }] of scenario.steps.entries()) {
        const [their, our] = [theirs[index]?.[place], ours[place]]
        assert.ok(their !== undefined && our !== undefined, name)
        differences.push(...differencesOf(name, fieldsOf(their, names), fieldsOf(our)))
      }
    }
  })

  for (const name of steps) {
    test(`${name} → the same, but for what is intended`, () => {
      const unintended = differences.filter((each) => each.step === name && !isIntended(each))
      assert.deepEqual(unintended.map(written), [])
    })
  }

  test('every intended difference occurs, in every request that it names', () => {
    const stale = intendedDifferences.flatMap(({ what, steps: where, differences: listed }) => {
      const here = differences.filter(({ step }) => where === undefined || where.includes(step))
      const unseen = listed.filter((difference) => !here.some((each) => written(each) === difference))
      const untouched = where?.filter(
        (step) => !here.some((each) => each.step === step && listed.includes(written(each))),
      )
      return [...unseen, ...(untouched ?? [])].map((each) => `${what} (${each})`)
    })
    assert.deepEqual(stale, [])
  })
})

test('scripted requests have names of their own, at least 200 of them', () => {
  assert.equal(new Set(steps).size, steps.length)
  assert.ok(steps.length >= 200)
})
