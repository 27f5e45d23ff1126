import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { endingElsewhere, endingOf } from './ending.ts'

const result = { code: 0, signal: null, timedOut: false, stdout: '', stderr: '', duration: 61_000 }

test.each([
  [{}, true, 'ended with exit code 0'],
  [{ code: 1 }, false, 'ended with exit code 1'],
  [{ code: 137 }, false, 'ended with exit code 137: it was killed, most often for want of memory'],
  [{ code: null, signal: 'SIGKILL' }, false, 'was ended by SIGKILL, most often for want of memory'],
  [{ code: null, signal: 'SIGSEGV' }, false, 'was ended by SIGSEGV'],
  [{ code: null, signal: 'SIGTERM', timedOut: true }, false, 'was ended after 1 min 1 s'],
])('%j: succeeded %s, %s', (ended, succeeded, text) => {
  expect(endingOf({ ...result, ...ended })).toMatchObject({ succeeded, text })
})

describe('an exit code made elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  writeFileSync(join(folder, 'zero'), '0')
  writeFileSync(join(folder, 'two'), '2\n')
  writeFileSync(join(folder, 'empty'), '')
  writeFileSync(join(folder, 'word'), 'done')
  writeFileSync(join(folder, 'large'), '1'.repeat(4000))

  test.each([
    ['0', true],
    [' 3 ', false],
    ['zero', true],
    ['two', false],
    [join(folder, 'two'), false],
  ])('%j succeeded: %s', async (given, succeeded) => {
    expect(await endingElsewhere(given, folder)).toMatchObject({ succeeded, timedOut: false })
  })

  test.each([
    ['empty', 'SW-TEST-COMMAND'],
    ['word', 'SW-TEST-COMMAND'],
    ['1000', 'SW-TEST-COMMAND'],
    ['missing', 'SW-FILE-MISSING'],
    ['large', 'SW-FILE-TOO-LARGE'],
    ['$(steps.step-run.exitCode.path)', 'SW-FILE-MISSING'],
  ])('%j is %s', async (given, code) => {
    await expect(endingElsewhere(given, folder)).rejects.toMatchObject({ code })
  })
})
