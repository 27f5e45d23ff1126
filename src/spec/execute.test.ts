import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../test/fakes/ports.ts'
import { defineError } from '../base/errors.ts'
import { defineTask, implement } from './define.ts'
import { outputTooLarge } from './errors.ts'
import { execute, type Task } from './execute.ts'
import type { Raw } from './kind.ts'
import { secret, text } from './kinds.ts'
import { out } from './output.ts'
import { emptyRecord } from './record/record.ts'

const refused = defineError({ code: 'SW-SAMPLE-REFUSED', fault: 'policy', title: 't', causes: ['c'], fix: 'f' })

const definition = defineTask({
  name: 'sample',
  summary: 's',
  reads: ['subject'],
  writes: ['mesh'],
  inputs: { word: text({ required: true, summary: 's' }), token: secret({ optional: true, summary: 's' }) },
  outputs: { longWord: out.text({ summary: 's' }), count: out.number({ summary: 's' }) },
  errors: [refused],
  environment: ['SAMPLE', 'BLANK'],
})

const run = implement(definition, async ({ word }, context) => {
  if (word === 'throw') throw refused('no')
  if (word === 'tell') return { answer: { blocks: [{ kind: 'text', text: 'told' }], data: { told: 1 } }, headline: 'asked' }
  return {
    outputs: { longWord: word, count: undefined },
    record: { mesh: { verdict: 'pass' } },
    headline: `${context.environment['SAMPLE']}/${context.environment['OTHER']}/${context.environment['BLANK']}`,
    own: { seen: word.length },
    ...(word === 'fail' ? { failure: refused('judged') } : {}),
  }
})

const task: Task = { definition, load: () => Promise.resolve(run as never) }

const start = (inputs: Record<string, Raw>) => {
  const { ports, recorded } = fakePorts({ environment: { SAMPLE: 'seen', OTHER: 'hidden', BLANK: '' } })
  return { recorded, outcome: execute(task, { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports }) }
}

describe('executing a task', () => {
  test('that only tells something leaves outputs empty and the record as it was', async () => {
    const { outputs, ...outcome } = await start({ word: 'tell' }).outcome
    const blocks = [{ kind: 'text', text: 'told' }]
    expect(outcome).toEqual({ record: emptyRecord, headline: 'asked', summary: blocks, answer: { blocks, data: { told: 1 } } })
    expect([...outputs.values()]).toEqual(['', ''])
  })

  test('gives its outputs by public name and merges the record', async () => {
    const outcome = await start({ word: 'yes' }).outcome
    expect(outcome).toMatchObject({
      headline: 'seen/undefined/undefined',
      record: { mesh: { verdict: 'pass' }, own: { sample: { seen: 3 } } },
    })
    expect([...outcome.outputs]).toEqual([
      ['long-word', 'yes'],
      ['count', ''],
    ])
    expect(outcome.failure).toBeUndefined()
  })

  test('keeps outputs and record of a task whose answer is no', async () => {
    const outcome = await start({ word: 'fail' }).outcome
    expect([outcome.outputs.get('long-word'), refused.is(outcome.failure), outcome.record.mesh]).toEqual([
      'fail',
      true,
      { verdict: 'pass' },
    ])
  })

  test('leaves every output empty and the record as it was when the task throws', async () => {
    const outcome = await start({ word: 'throw' }).outcome
    expect([[...outcome.outputs.values()], refused.is(outcome.failure), outcome.record]).toEqual([['', ''], true, emptyRecord])
  })

  test('hides secrets before anything is reported, also when the inputs are bad', async () => {
    const { outcome, recorded } = start({ token: 's3cret', wrod: 'x' })
    expect((await outcome).failure).toMatchObject({ code: 'SW-INPUT-INVALID' })
    expect(recorded.masked).toEqual(['s3cret'])
  })

  test('refuses an output over 1 KiB and names it', async () => {
    const { failure } = await start({ word: 'é'.repeat(513) }).outcome
    expect(outputTooLarge.is(failure)).toBe(true)
    expect(failure).toMatchObject({ message: 'output `long-word` of sample has 1026 bytes, expected at most 1024' })
  })
})
