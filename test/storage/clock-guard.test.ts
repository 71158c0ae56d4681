/** Nothing is deleted by a clock that has just jumped. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClockGuard } from 'grantry'

/** A guard over a clock and a steady counter that the test moves. */
const make = () => {
  const time = { clock: 1_800_000_000, steady: 50 }
  const guard = new ClockGuard(
    () => time.clock,
    () => time.steady,
  )
  const pass = (seconds: number, drift = 0): void => {
    time.steady += seconds
    time.clock += seconds + drift
  }
  return { guard, time, pass }
}

test('time that passes for both, with corrections of seconds that add up → steady', () => {
  const { guard, pass } = make()
  for (let round = 0; round < 100; round++) {
    pass(60, 5)
    assert.equal(guard.isSteady(), true)
  }
})

for (const seconds of [3600, -7200, 10 * 365 * 86_400]) {
  test(`a jump of ${seconds} s → not steady, and steady as soon as it is taken back`, () => {
    const { guard, time, pass } = make()
    time.clock += seconds
    assert.equal(guard.isSteady(), false)
    pass(600)
    assert.equal(guard.isSteady(), false)
    time.clock -= seconds
    assert.equal(guard.isSteady(), true)
  })

  test(`a jump of ${seconds} s that holds for an hour → believed, not before`, () => {
    const { guard, time, pass } = make()
    time.clock += seconds
    assert.equal(guard.isSteady(), false)
    pass(3599)
    assert.equal(guard.isSteady(), false)
    pass(1)
    assert.equal(guard.isSteady(), true)
    pass(60)
    assert.equal(guard.isSteady(), true)
  })
}

test('a second jump starts the hour anew', () => {
  const { guard, time, pass } = make()
  time.clock += 3600
  guard.isSteady()
  pass(3000)
  time.clock += 3600
  assert.equal(guard.isSteady(), false)
  pass(3000)
  assert.equal(guard.isSteady(), false)
  pass(600)
  assert.equal(guard.isSteady(), true)
})
