import { describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { artifact, harborFlag, harborTime } from './schema.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('times', () => {
  it.each([
    ['milliseconds', '2026-11-21T16:23:58.123Z', Date.UTC(2026, 10, 21, 16, 23, 58, 123)],
    ['microseconds', '2026-11-21T16:31:37.133337Z', Date.UTC(2026, 10, 21, 16, 31, 37, 133)],
    ['seconds', '2026-11-21T16:31:37Z', Date.UTC(2026, 10, 21, 16, 31, 37)],
    ['epoch seconds', 1_797_869_699, 1_797_869_699_000],
    ['the year 1', '0001-01-01T00:00:00.000Z', undefined],
    ['the year 1 without a fraction', '0001-01-01T00:00:00Z', undefined],
    ['never', -1, undefined],
    ['null', null, undefined],
    ['nothing', undefined, undefined],
    ['an empty text', '', undefined],
    ['no time', 'soon', undefined],
  ])('in %s', (_, written, time) => {
    expect(v.parse(harborTime, written)).toBe(time)
  })
})

describe('settings', () => {
  it.each([
    ['true', true],
    ['false', false],
    [true, true],
    [undefined, false],
    [null, false],
    ['', false],
  ])('%j', (written, flag) => {
    expect(v.parse(harborFlag, written)).toBe(flag)
  })
})

describe('an artifact', () => {
  const none = { accessories: [], references: [], tags: [], scan: undefined, sbom: undefined }

  it.each([
    ['null', { digest, accessories: null, references: null, tags: null, scan_overview: null, sbom_overview: null }],
    ['absent', { digest }],
    ['empty', { digest, accessories: [], references: [], tags: [], scan_overview: {} }],
  ])('has nothing where it says %s', (_, written) => {
    expect(v.parse(artifact, written)).toMatchObject(none)
  })

  it('has its scan under any type of report', () => {
    const overview = { 'application/x': { scan_status: 'Pending', report_id: 'r', start_time: '0001-01-01T00:00:00.000Z' } }
    expect(v.parse(artifact, { digest, scan_overview: overview }).scan).toMatchObject({
      status: 'Pending',
      report: 'r',
      started: undefined,
    })
  })

  it('has an SBOM by digest only when it is done', () => {
    const sbom = (overview: object) => v.parse(artifact, { digest, sbom_overview: { scan_status: 'Success', ...overview } }).sbom
    expect(sbom({ sbom_digest: digest })).toMatchObject({ digest, report: '' })
    expect(sbom({ report_id: 'r', sbom_digest: '' })).toMatchObject({ digest: undefined, report: 'r' })
  })

  it('is refused without a digest', () => {
    expect(v.safeParse(artifact, { digest: 'sha256:12' }).success).toBe(false)
  })
})
