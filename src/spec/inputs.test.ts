import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { defineTask } from './define.ts'
import { inputsInvalid, recordMissing } from './errors.ts'
import { readInputs } from './inputs.ts'
import type { Raw } from './kind.ts'
import { choice, digest, image, integer, list, map, path, secret, text } from './kinds.ts'
import { emptyRecord, type ReleaseRecord } from './record/record.ts'

const sample = defineTask({
  name: 'sample',
  summary: 's',
  reads: ['subject'],
  writes: [],
  inputs: {
    image: image({ required: true, reference: 'repository', summary: 's' }),
    platforms: list({ default: ['linux/amd64'], summary: 's' }),
    failOn: choice(['critical', 'high'], { default: 'high', summary: 's' }),
    retries: integer({ default: 0, max: 9, summary: 's' }),
    digest: digest({ from: 'subject.digest', summary: 's' }),
    layout: path({ from: 'subject.layout', optional: true, summary: 's' }),
    mirrors: list({ default: [], summary: 's' }),
    labels: map({ default: {}, summary: 's' }),
    username: text({ optional: true, summary: 's' }),
    password: secret({ optional: true, summary: 's' }),
  },
  outputs: {},
  rules: [{ requires: ['password', 'username'] }, { requires: ['mirrors', 'username'] }, { conflicts: ['username', 'labels'] }],
  errors: [],
})

const built: ReleaseRecord = { ...emptyRecord, subject: { digest: sha256('x'), mediaType: 'm', layout: 'l', platforms: [] } }
const read = (given: Record<string, Raw>, record = built) => readInputs(sample, new Map(Object.entries(given)), record)

const thrown = (given: Record<string, Raw>, record = built): unknown => {
  try {
    return read(given, record)
  } catch (error) {
    return error
  }
}

describe('reading the inputs of a task', () => {
  test('defaults what is absent, fills from the record, leaves the optional out', () => {
    expect(read({ image: 'r.io/app' })).toEqual({
      image: 'r.io/app',
      platforms: ['linux/amd64'],
      failOn: 'high',
      retries: 0,
      mirrors: [],
      labels: {},
      digest: sha256('x'),
      layout: 'l',
    })
  })

  test('takes an empty value or list as unset', () => {
    expect(read({ image: 'r.io/app', 'fail-on': ' \n', platforms: [], username: '' })).toMatchObject({
      failOn: 'high',
      platforms: ['linux/amd64'],
    })
  })

  test('takes the default of a list or map, as runners write it, for nothing that asks for more or stands in the way', () => {
    expect(read({ image: 'r.io/app', mirrors: '[]' })).toMatchObject({ mirrors: [] })
    expect(read({ image: 'r.io/app', username: 'ci', labels: '{}' })).toMatchObject({ username: 'ci', labels: {} })
    expect(String(thrown({ image: 'r.io/app', username: 'ci', labels: 'a=b' }))).toContain('`username` cannot be used with `labels`')
    expect(String(thrown({ image: 'r.io/app', mirrors: '["m.io"]' }))).toContain('`mirrors` needs `username`')
  })

  test('prefers what is given to the record', () => {
    expect(read({ image: 'r.io/app', digest: sha256('y') })).toMatchObject({ digest: sha256('y') })
  })

  test('names every fault at once, with the value seen and what was meant', () => {
    const error = thrown({
      image: 'Harbor.example/Shop/app',
      platform: 'linux',
      'fail-on': 'hihg',
      retries: 'ten',
      password: 'geheim',
      tags: '1',
    })
    expect(inputsInvalid.is(error)).toBe(true)
    expect(String(error)).toContain('6 inputs cannot be used:')
    expect(String(error)).toContain('  platform  is not an input of sample; did you mean `platforms`?')
    expect(String(error)).toContain('  fail-on   "hihg" is not one of: critical, high; did you mean high?')
    expect(String(error)).toContain('  retries   "ten" is not a whole number from 0 to 9')
    expect(String(error)).toContain('`password` needs `username`')
    expect(String(error)).not.toContain('geheim')
  })

  test('refuses a required input that is missing or blank', () => {
    expect(String(thrown({ image: '' }))).toContain('An input cannot be used:\n  image  is required')
  })

  test('says which task writes what the record lacks', () => {
    const error = thrown({ image: 'r.io/app' }, emptyRecord)
    expect(recordMissing.is(error)).toBe(true)
    expect(error).toMatchObject({ message: expect.stringContaining('`digest`'), hint: expect.stringContaining('slipway build') })
  })
})
