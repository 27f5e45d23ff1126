import { describe, expect, it } from '@jest/globals'
import { Ajv } from 'ajv'
import { load } from 'js-yaml'
import { kindsTask } from '../../test/golden/definitions.ts'
import { pipelineSchema } from './json-schema.ts'

const [file] = pipelineSchema([kindsTask], 'src/tasks/*/task.ts')
const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(file?.content ?? '') as object)
const accepts = (yaml: string): boolean => validate(load(yaml))

describe('the schema of pipeline files', () => {
  it.each([
    ['tasks: [every-kind]'],
    ['tasks: [{ every-kind: }]'],
    ['tasks: [every-kind, { every-kind: { a-string: x } }]'],
    ['tasks: [{ every-kind: { a-boolean: false, an-integer: 9, an-enum: low, a-duration: 10m } }]'],
    ['tasks: [{ every-kind: { a-list: [a, { env: B }], a-map: { key: value, other: { env: B } } } }]'],
    ['tasks: [{ every-kind: { a-list: "a, b" } }]'],
    ['tasks: [{ every-kind: { a-string: 1.4, a-list: 8080, a-map: { port: 80, debug: true } } }]'],
    ['tasks: [{ every-kind: { a-string: { env: NAME }, a-secret: { env: NAME } } }]'],
  ])('takes %s', (yaml) => {
    expect([accepts(yaml), validate.errors]).toEqual([true, null])
  })

  it.each([
    ['tasks: []'],
    ['[every-kind]'],
    ['tasks: [every-sort]'],
    ['tasks: [{ every-sort: {} }]'],
    ['tasks: [{ every-kind: {}, other: {} }]'],
    ['tasks: [{ every-kind: { a-sting: x } }]'],
    ['tasks: [{ every-kind: { an-integer: 10 } }]'],
    ['tasks: [{ every-kind: { an-enum: medium } }]'],
    ['tasks: [{ every-kind: { a-secret: hunter2 } }]'],
    ['tasks: [{ every-kind: { a-string: { var: NAME } } }]'],
    ['tasks: [{ every-kind: { a-string: [a] } }]'],
    ['tasks: [{ every-kind: { a-list: [[a]] } }]'],
    ['tasks: [every-kind]\nsteps: []'],
  ])('refuses %s', (yaml) => {
    expect(accepts(yaml)).toBe(false)
  })
})
