import { describe, expect, test } from '@jest/globals'
import { ratingOf, worstOf } from './severity.ts'

const v3 = (score: string): { type: string; value: string } => ({ type: 'CVSS_V3', value: `CVSS:3.1/${score}` })
const word = (value: string): { type: string; value: string } => ({ type: 'database', value })

describe('a severity', () => {
  test.each([
    [[v3('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H')], { level: 'critical', score: 9.8 }],
    [[v3('AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H')], { level: 'high', score: 7.5 }],
    [[v3('AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N')], { level: 'medium', score: 6.1 }],
    [[v3('AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N')], { level: 'low', score: 1.8 }],
    [[{ type: 'CVSS_V3', value: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }], { level: 'critical', score: 9.8 }],
    [[{ type: 'CVSS_V4', value: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' }], { level: 'critical', score: 9.3 }],
    [[{ type: 'CVSS_V2', value: 'AV:N/AC:L/Au:N/C:P/I:P/A:P' }], { level: 'high', score: 7.5 }],
    [[v3('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'), word('LOW')], { level: 'critical', score: 9.8 }],
    [[v3('AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N'), v3('AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H')], { level: 'critical', score: 9.8 }],
    [[word('low'), word('HIGH')], { level: 'high' }],
    [[{ type: 'severity', value: 'UNKNOWN' }, word('low'), word('critical')], { level: 'critical' }],
    [[word('MODERATE')], { level: 'medium' }],
    [[word('Important')], { level: 'high' }],
    [[{ type: 'urgency', value: 'unimportant' }], { level: 'low' }],
    [[{ type: 'Ubuntu', value: 'negligible' }], { level: 'low' }],
    [[v3('AV:X'), word('high')], { level: 'high' }],
    [[v3('AV:X')], { level: 'unknown' }],
    [[word('apocalyptic')], { level: 'unknown' }],
    [[word('constructor')], { level: 'unknown' }],
    [[{ type: 'urgency', value: 'not yet assigned' }], undefined],
    [[], undefined],
  ])('%j is %j', (given, expected) => {
    expect(ratingOf(given)).toEqual(expected)
  })

  test('of several sources is the worst; what is not understood is worse than critical, and silence is not', () => {
    expect(worstOf([{ level: 'low' }, undefined, { level: 'critical', score: 9.1 }])).toEqual({ level: 'critical', score: 9.1 })
    expect(worstOf([{ level: 'critical', score: 9.8 }, { level: 'unknown' }])).toEqual({ level: 'unknown' })
    expect(worstOf([undefined])).toEqual({ level: 'unknown' })
  })
})
