import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { encodeMessage, messageSize, readResults } from './termination.ts'

// Its bytes are held against what Go writes, and its limits against what Tekton takes, in test/models/tekton-step.test.ts.
describe('the termination message', () => {
  it('is JSON that gives every text back', () => {
    const values = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string({ unit: 'binary' })), { selector: ([key]) => key })
    fc.assert(
      fc.property(values, (results) => {
        const message = encodeMessage(results.map(([key, value]) => ({ key, value: Buffer.from(value), type: 1 })))
        expect([...(readResults(message) ?? [])]).toEqual(results.map(([key, value]) => [key, value.toWellFormed()]))
      }),
    )
  })
  it('counts a time zone that is not UTC', () => {
    expect(messageSize([], { failed: false, utc: false }) - messageSize([], { failed: false, utc: true })).toBe(
      '+07:00'.length - 'Z'.length,
    )
  })
})
