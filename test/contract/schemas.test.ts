/** The published schemas take what we write, and refuse what we refuse. */
import { globSync } from 'node:fs'
import { describe, expect, it, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { CORE_SCHEMA, load } from 'js-yaml'
import { parseExceptions } from '../../src/domain/gate/exceptions.ts'
import { parseGatePolicy } from '../../src/domain/gate/policy.ts'
import { parseProjectFile } from '../../src/domain/harbor/project/file.ts'
import { parseFaults } from '../../src/domain/registry/faults/fault-file.ts'
import { profileNames, profiles } from '../../src/domain/registry/faults/profiles.ts'
import { phases, phasesOf } from '../../src/domain/registry/faults/rule.ts'
import { parsePolicy } from '../../src/domain/sigstore/verify/policy-file.ts'
import { emptyRecord, formatRecord, parseRecord } from '../../src/spec/record/record.ts'
import { repository, text } from './folders.ts'

const validator = (name: string): ((value: unknown) => boolean) => {
  const validate = new Ajv({ allowUnionTypes: true, strict: true }).compile(JSON.parse(text(`schemas/${name}`)) as object)
  return (value) => validate(value)
}

describe('the release record', () => {
  const isRecord = validator('record.schema.json')
  const digest = `sha256:${'a'.repeat(64)}`
  const whole = {
    ...emptyRecord,
    own: { build: { layers: 3 } },
    tests: { passed: 1, failed: 0, skipped: 0, flaky: 0, duration: 12.5, reports: ['junit.xml'], verdict: 'pass' },
    subject: { digest, mediaType: 'x', layout: '.slipway/layout', platforms: [{ platform: 'linux/amd64', digest, size: 3 }] },
    pushes: [{ image: 'registry.example/app', digest, tags: ['latest'] }],
  }

  it.each([
    ['an empty record', emptyRecord],
    ['a whole one', whole],
    ['what was read and written again', JSON.parse(formatRecord(parseRecord(JSON.stringify(whole), 'x'))) as object],
  ])('takes %s', (_, record) => {
    expect(isRecord(record)).toBe(true)
  })

  it.each([
    ['nothing', {}],
    ['a version that is a number', { ...whole, schemaVersion: 1 }],
    ['a digest that is none', { ...whole, subject: { ...whole.subject, digest: 'sha256:abc' } }],
    ['less than no tests', { ...whole, tests: { ...whole.tests, passed: -1 } }],
    ['half a push', { ...whole, pushes: [{ image: 'a' }] }],
    ['a list among a task’s own values', { ...whole, own: { build: { layers: [] } } }],
  ])('refuses %s, as its reader does', (_, record) => {
    expect(isRecord(record)).toBe(false)
    expect(() => parseRecord(JSON.stringify(record), 'x')).toThrow()
  })
})

test('the pipeline files of the examples keep their schema', () => {
  const isPipeline = validator('slipway.schema.json')
  const files = globSync('examples/*/slipway.yaml', { cwd: repository })
  expect(files.length).toBeGreaterThan(0)
  expect(files.filter((path) => !isPipeline(load(text(path))))).toEqual([])
})

describe('the verification policy', () => {
  const isPolicy = validator('verify-policy.schema.json')
  const issuer = 'https://token.actions.githubusercontent.com'

  it.each([
    ['a key', 'signers: [{ key: cosign.pub }]'],
    ['a repository', `signers: [{ issuer: "${issuer}", repository: acme/app, ref: refs/tags/v* }]`],
    [
      'an identity and attestations',
      `{ signers: [{ issuer: "${issuer}", identity: me }], require: [{ predicate: spdx, max-age: 30d }], log: never }`,
    ],
  ])('takes %s', (_, policy) => {
    expect([isPolicy(load(policy)), parsePolicy(policy, 'x').signers.length]).toEqual([true, 1])
  })

  it.each([
    ['a misspelt word', 'signers: [{ kye: cosign.pub }]'],
    ['an issuer of anybody', `signers: [{ issuer: "${issuer}", runner: github-hosted }]`],
    ['an identity of any issuer', 'signers: [{ identity: me }]'],
    ['a key that is an identity', `signers: [{ key: cosign.pub, issuer: "${issuer}", identity: me }]`],
    ['an age that is none', 'max-age: soon\nsigners: [{ key: cosign.pub }]'],
    ['no signers', '{}'],
  ])('refuses %s, as its reader does', (_, policy) => {
    expect(isPolicy(load(policy))).toBe(false)
    expect(() => parsePolicy(policy, 'x')).toThrow(expect.objectContaining({ code: 'SW-VERIFY-POLICY-INVALID' }))
  })
})

describe('the policy of a scan', () => {
  const isPolicy = validator('scan-policy.schema.json')

  it.each([
    ['nothing', '{}'],
    ['all conditions', '{ fail-on: low, kev: fail, epss: 0.1, fix-available-for: 14d, new-only: true, max-exception: 180d }'],
    ['EPSS by percentile, and licences', '{ epss: { percentile: 0.95 }, licenses: { deny: ["GPL-*"], unknown: pass } }'],
  ])('takes %s', (_, policy) => {
    expect([isPolicy(load(policy)), typeof parseGatePolicy(policy, 'x')]).toEqual([true, 'object'])
  })

  it.each([
    ['a misspelt word', '{ fail_on: high }'],
    ['a severity that is none', '{ fail-on: severe }'],
    ['a score of more than one', '{ epss: 10 }'],
    ['a duration that is none', '{ fix-available-for: a while }'],
    ['KEV as a truth', '{ kev: true }'],
  ])('refuses %s, as its reader does', (_, policy) => {
    expect(isPolicy(load(policy))).toBe(false)
    expect(() => parseGatePolicy(policy, 'x')).toThrow(expect.objectContaining({ code: 'SW-GATE-POLICY' }))
  })
})

describe('exceptions of a scan', () => {
  const isFile = validator('scan-exceptions.schema.json')
  const entry = 'reason: r, owner: o, expires: 2026-12-01'
  // YAML of CORE_SCHEMA leaves a date the text that it is.
  const data = (text: string): unknown => load(text, { schema: CORE_SCHEMA })

  it.each([
    ['none', '{ exceptions: [] }'],
    ['a vulnerability', `exceptions: [{ id: CVE-1, ${entry}, package: "pkg:npm/a", path: app }]`],
    ['a licence', `exceptions: [{ license: MIT, ${entry} }]`],
    ['a statement', `exceptions: [{ id: CVE-1, ${entry}, vex: { status: not_affected, justification: component_not_present } }]`],
  ])('take %s', (_, text) => {
    expect([isFile(data(text)), Array.isArray(parseExceptions(text, 'x'))]).toEqual([true, true])
  })

  it.each([
    ['no owner', 'exceptions: [{ id: CVE-1, reason: r, expires: 2026-12-01 }]'],
    ['no day', 'exceptions: [{ id: CVE-1, reason: r, owner: o }]'],
    ['another word', `exceptions: [{ id: CVE-1, ${entry}, forever: true }]`],
  ])('refuse %s, as their reader does', (_, text) => {
    expect(isFile(data(text))).toBe(false)
    expect(() => parseExceptions(text, 'x')).toThrow(expect.objectContaining({ code: 'SW-GATE-EXCEPTIONS' }))
  })
})

describe('projects of Harbor', () => {
  const isFile = validator('harbor-projects.schema.json')
  const shop = (settings: string): string => `projects: { shop: { ${settings} } }`

  it.each([
    ['no projects', 'projects: {}'],
    ['a project as it is', 'projects: { shop: }'],
    ['settings', shop('metadata: { public: true, severity: high }, quota: 20GiB, members: { alice: developer }')],
    ['rules', shop('immutability: [{ tags: "v*" }], retention: { rules: [{ keep: latest-pushed, count: 3 }] }')],
    ['a robot', shop('robots: { ci: { permissions: [push], duration: 90d } }')],
  ])('takes %s', (_, text) => {
    expect([isFile(load(text)), parseProjectFile(text, 'x').name]).toEqual([true, 'x'])
  })

  it.each([
    ['a misspelt word', shop('metdata: {}')],
    ['a severity that is none', shop('metadata: { severity: awful }')],
    ['a role that is none', shop('members: { alice: boss }')],
    ['a size that is none', shop('quota: much')],
    ['a colour that is none', shop('labels: { prod: { color: red } }')],
    ['nothing', '{}'],
  ])('refuses %s, as its reader does', (_, text) => {
    expect(isFile(load(text))).toBe(false)
    expect(() => parseProjectFile(text, 'x')).toThrow(expect.objectContaining({ code: 'SW-HARBOR-PROJECT-FILE' }))
  })
})

describe('a fault file', () => {
  const isFile = validator('faults.schema.json')
  const rule = (fields: string): string => `rules: [{ on: {}, ${fields} }]`
  const needed: Readonly<Record<string, string>> = {
    status: ', status: 503',
    delay: ', delay: 1s',
    slow: ', rate: 1KiB',
    stale: ', reads: 1',
    redirect: ', to: /',
  }
  const actions = Object.entries(phasesOf).filter(([action]) => action !== 'custom')

  it('takes the example, as its reader does', () => {
    const example = text('examples/faults.yaml')
    expect([isFile(load(example)), parseFaults(example, 'x').length]).toEqual([true, 5])
  })

  it('may name its schema, as its reader lets it', () => {
    const file = '{"$schema": "../schemas/faults.schema.json", "rules": []}'
    expect([isFile(JSON.parse(file)), parseFaults(file, 'x')]).toEqual([true, []])
  })

  it.each(actions)('takes %s in the phases in which it happens only, as its reader does', (action, own) => {
    for (const phase of phases) {
      const file = rule(`action: ${action}${needed[action] ?? ''}, phase: ${phase}`)
      const isRead = own.includes(phase)
      expect([phase, isFile(load(file))]).toEqual([phase, isRead])
      if (isRead) expect(parseFaults(file, 'x')).toHaveLength(1)
      else expect(() => parseFaults(file, 'x')).toThrow(expect.objectContaining({ code: 'SW-FAULT-FILE' }))
    }
  })

  it.each(profileNames)('takes the rules of the profile %s, but for patterns, which are text in a file', (profile) => {
    const rules = profiles[profile].rules.map(({ on, ...rest }) => ({
      ...rest,
      on: { ...on, ...(on.path === undefined ? {} : { path: on.path.source }) },
    }))
    expect(isFile({ rules })).toBe(true)
    expect(parseFaults(JSON.stringify({ rules }), 'x')).toHaveLength(rules.length)
  })

  it.each([
    ['no rules', 'rules: []'],
    [
      'every word of an occasion',
      'rules: [{ name: a.b-c_1, on: { request: [tags, token], method: GET, path: ^/v2/, above: { n: 10 } }, phase: body, at: 64KiB, skip: 1, every: 2, times: 3, per: path, action: reset }]',
    ],
    [
      'sizes as numbers and as texts',
      'rules: [{ on: {}, at: 7, action: slow, rate: 1.5 MB }, { on: {}, at: 10 kb, action: slow, rate: 2Gi }]',
    ],
    ['a duration of parts', rule('action: delay, delay: 1h30m0.5s')],
    ['an answer', rule('action: status, status: 429, code: TOOMANYREQUESTS, message: later, headers: { Retry-After: "1" }')],
    ['another answer', rule('action: status, status: 502, body: <html></html>')],
    ['headers that change', rule('action: change, status: 201, set: { OCI-Subject: x }, unset: [Location]')],
    ['a redirect', rule('action: redirect, to: "https://cdn.example{path}", status: 302')],
    ['what is left out of account', rule('action: ignore, parameters: [n, last], headers: [Content-Range]')],
  ])('takes %s', (_, file) => {
    expect([isFile(load(file)), Array.isArray(parseFaults(file, 'x'))]).toEqual([true, true])
  })

  it.each([
    ['nothing', '{}'],
    ['another word', 'rules: []\nrule: []'],
    ['a rule without requests', 'rules: [{ action: reset }]'],
    ['a rule without an action', 'rules: [{ on: {} }]'],
    ['an action that there is not', rule('action: explode')],
    ['an action of programs', rule('action: custom')],
    ['a request that there is not', 'rules: [{ on: { request: push }, action: reset }]'],
    ['a method that there is not', 'rules: [{ on: { method: FETCH }, action: reset }]'],
    ['a pattern over the line', 'rules: [{ on: { line: x }, action: reset }]'],
    ['a pattern too long', `rules: [{ on: { path: ${'x'.repeat(501)} }, action: reset }]`],
    ['a parameter that is no number', 'rules: [{ on: { above: { n: many } }, action: reset }]'],
    ['a name of two words', rule('name: two words, action: reset')],
    ['a field of another action', rule('action: reset, status: 500')],
    ['no status', rule('action: status')],
    ['a status that is none', rule('action: status, status: 99')],
    ['never', rule('action: reset, times: 0')],
    ['half a time', rule('action: reset, every: 0.5')],
    ['less than nothing', rule('action: reset, skip: -1')],
    ['a count of something else', rule('action: reset, per: client')],
    ['a size that is none', rule('action: reset, phase: body, at: far')],
    ['a size of another unit', rule('action: slow, rate: 3 pounds')],
    ['a rate of nothing', rule('action: slow, rate: 0')],
    ['a duration that is a number', rule('action: delay, delay: 1')],
    ['a duration that is none', rule('action: delay, delay: soon')],
    ['too many bytes', rule('action: extend, bytes: 1048577')],
    ['a header of two lines', rule('action: change, set: { a: "b\\r\\nc: d" }')],
    ['a header without a name', rule('action: change, unset: ["a b"]')],
    ['a redirect to nowhere', rule('action: redirect, to: cdn')],
    ['a redirect that is none', rule('action: redirect, to: /, status: 304')],
    ['no reads', rule('action: stale')],
  ])('refuses %s, as its reader does', (_, file) => {
    expect(isFile(load(file))).toBe(false)
    expect(() => parseFaults(file, 'x')).toThrow(expect.objectContaining({ code: 'SW-FAULT-FILE' }))
  })

  it.each([
    ['a pattern is one', 'rules: [{ on: { path: "(" }, action: reset }]'],
    ['a size in words is within its limits', rule('action: extend, bytes: 2MiB')],
  ])('leaves to its reader whether %s', (_, file) => {
    expect(isFile(load(file))).toBe(true)
    expect(() => parseFaults(file, 'x')).toThrow(expect.objectContaining({ code: 'SW-FAULT-FILE' }))
  })
})
