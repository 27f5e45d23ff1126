import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parseFaults } from './fault-file.ts'

describe('a fault file', () => {
  it('of the examples can be used', () => {
    const path = join(import.meta.dirname, '../../../../examples/faults.yaml')
    expect(parseFaults(readFileSync(path, 'utf8'), path).map(({ name, action }) => `${name} ${action}`)).toEqual([
      'busy status',
      'upload-is-cut reset',
      'answer-is-lost cut',
      'flipped-bit corrupt',
      'notice change',
    ])
  })

  it('may be JSON; rules without a name are named by their place', () => {
    expect(parseFaults('{"rules": [{"on": {}, "action": "reset"}]}', 'x')).toEqual([{ name: 'rule-1', on: {}, action: 'reset' }])
  })

  it('may name its schema as JSON does, for an editor', () => {
    expect(parseFaults('{"$schema": "https://x.example/faults.schema.json", "rules": []}', 'x')).toEqual([])
  })

  it('reads sizes, durations and patterns', () => {
    const text = `rules:
      - { on: { path: '^/v2/team/', above: { n: 10 } }, phase: body, at: 64KiB, action: slow, rate: 1.5 MB }
      - { on: { request: [tags, token] }, skip: 1, every: 2, times: 3, per: path, action: delay, delay: 1m30s }
      - { on: {}, action: truncate }
      - { on: {}, action: redirect, to: 'https://cdn.example{path}' }
      - { on: {}, action: change, set: { OCI-Subject: x }, unset: [Location] }`
    expect(parseFaults(text, 'x')).toMatchObject([
      { on: { path: /^\/v2\/team\//, above: { n: 10 } }, phase: 'body', at: 65_536, rate: 1_500_000 },
      { on: { request: ['tags', 'token'] }, skip: 1, every: 2, times: 3, per: 'path', delay: 90_000 },
      { action: 'truncate', bytes: 1 },
      { action: 'redirect', status: 307 },
      { set: { 'oci-subject': 'x' }, unset: ['location'] },
    ])
  })

  it.each([
    ['no YAML', 'rules: [', /^x is no YAML: line 1: /],
    ['no rules', 'rule: []', /rules: .*expected "rules"|Invalid key/],
    ['aliases', 'rules: &a []\nmore: *a', /is no YAML: line 2/],
    ['another action', 'rules: [{ on: {}, action: explode }]', /rules\.0\.action: .*"explode"/],
    [
      'another request',
      'rules: [{ on: { request: push }, action: reset }]',
      /rules\.0\.on\.request: expected one or a list of base, catalog/,
    ],
    ['a field that there is not', 'rules: [{ on: {}, action: reset, statuses: 1 }]', /rules\.0\.statuses/],
    ['a pattern that is none', 'rules: [{ on: { path: "(" }, action: reset }]', /rules\.0\.on\.path: is no regular expression/],
    [
      'a size that is none',
      'rules: [{ on: {}, phase: body, at: far, action: reset }]',
      /rules\.0\.at: expected a number of bytes or a size such as 64KiB/,
    ],
    ['a duration that is none', 'rules: [{ on: {}, action: delay, delay: 1 }]', /rules\.0\.delay: /],
    [
      'a phase in which it cannot happen',
      'rules: [{ on: {}, phase: body, action: forget }]',
      /rules\.0\.phase: forget happens in after only/,
    ],
    ['a header of two lines', 'rules: [{ on: {}, action: change, set: { a: "b\\r\\nc: d" } }]', /rules\.0\.set\.a: expected one line/],
    ['a status that is none', 'rules: [{ on: {}, action: status, status: 99 }]', /rules\.0\.status: /],
  ])('with %s is refused, with the place', (_, text, message) => {
    expect(() => parseFaults(text, 'x')).toThrow(
      expect.objectContaining({ code: 'SW-FAULT-FILE', message: expect.stringMatching(message) }),
    )
  })

  it('tells all that is wrong at once', () => {
    const text = 'rules: [{ on: {}, action: reset, times: 0 }, { on: {}, action: status, status: x }]'
    expect(() => parseFaults(text, 'x')).toThrow(/rules\.0\.times: .*\n.*rules\.1\.status: /)
  })
})
