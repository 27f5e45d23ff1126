import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { mergeOwn, mergeRecord } from './merge.ts'
import { emptyRecord, formatRecord, parseRecord, type ReleaseRecord } from './record.ts'

const [first, second] = [sha256('1'), sha256('2')]
const subject = (digest: typeof first) => ({ digest, mediaType: 'm', layout: '.slipway/layout', platforms: [] })
const push = (image: string, digest: typeof first, tags: readonly string[]) => ({ image, digest, tags })

const codeOf = (text: string): unknown => {
  try {
    return parseRecord(text, 'record.json')
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : error
  }
}

describe('merging', () => {
  test('replaces a single section and adds to a list by key', () => {
    const once = mergeRecord(emptyRecord, { subject: subject(first), pushes: [push('a', first, ['1'])] })
    const twice = mergeRecord(once, { pushes: [push('b', first, []), push('a', first, ['1', '2'])] })
    expect(twice.pushes).toEqual([push('a', first, ['1', '2']), push('b', first, [])])
    expect(once.pushes).toEqual([push('a', first, ['1'])])
  })

  test('forgets what described an image when another becomes the subject', () => {
    const before = mergeRecord(emptyRecord, { subject: subject(first), pushes: [push('a', first, [])], mesh: { verdict: 'pass' } })
    expect(mergeRecord(before, { subject: subject(second) })).toEqual({
      ...emptyRecord,
      subject: subject(second),
      mesh: { verdict: 'pass' },
    })
    expect(mergeRecord(before, { subject: subject(first) }).pushes).toHaveLength(1)
  })

  test('keeps what is a task’s own apart', () => {
    expect(mergeOwn(mergeOwn(emptyRecord, 'a', { x: 1 }), 'b', { y: true }).own).toEqual({ a: { x: 1 }, b: { y: true } })
  })
})

describe('reading', () => {
  const record: ReleaseRecord = mergeRecord(emptyRecord, { subject: subject(first) })

  test('gives back what was written', () => expect(parseRecord(formatRecord(record), 'record.json')).toEqual(record))

  test('keeps sections and fields of a newer minor version', () => {
    const newer = { ...record, schemaVersion: '1.9', subject: { ...subject(first), flavour: 'new' }, brandNew: { a: 1 } }
    expect(parseRecord(JSON.stringify(newer), 'record.json')).toEqual(newer)
  })

  test.each([
    ['{"schemaVersion":"2.0","own":{}}', 'SW-RECORD-VERSION: record.json has schema version 2.0, this Slipway reads 1.x'],
    ['', 'SW-RECORD-BROKEN: record.json is not JSON: it is empty'],
    ['{"own":{}}', expect.stringContaining('SW-RECORD-BROKEN')],
    [
      '{"schemaVersion":"1.0","subject":{"digest":"sha256:1","mediaType":"m","layout":"l","platforms":[]}}',
      expect.stringContaining('`subject.digest`'),
    ],
    ['[]', expect.stringContaining('SW-RECORD-BROKEN')],
  ])('%j is refused', (text, expected) => expect(codeOf(text)).toEqual(expected))
})
