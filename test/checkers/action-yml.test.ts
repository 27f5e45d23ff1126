import { expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import { actionViolations } from './action-yml.ts'
import { changed } from './tekton-samples.ts'

const yaml = `
name: Sample
description: A sample.
branding: { icon: anchor, color: blue }
inputs: { image-ref: { description: An image., required: true }, tags: { description: Tags., default: '[]' } }
outputs: { digest: { description: A digest. } }
runs: { using: node24, main: index.js, post: index.js }
`

it('has nothing against a good action', () => {
  expect(actionViolations(load(yaml))).toEqual([])
})

it.each([
  ['name = ~', /name/],
  ['description = ""', /description/],
  ['runs = ~', /runs/],
  ['runs.using = node20', /using/],
  ['runs.using = composite', /using/],
  ['runs.steps = []', /steps/],
  ['runs.main = ~', /main/],
  ['runs.post-iff = always()', /post-iff/],
  ['branding.icon = harbour', /icon/],
  ['branding.color = navy', /color/],
  ['inputs.image-ref.description = ~', /description/],
  ['inputs.image-ref.required = "true"', /required/],
  ['inputs.image-ref.default = x', /required, and has a default/],
  ['inputs.tags.default = 3', /default/],
  [`inputs.tags.default = \${{ github.token }}`, /is an expression/],
  ['inputs.tags.type = string', /type/],
  ['inputs.Tags = {description: x}', /expected letters/],
  ['outputs.digest.value = x', /value/],
  ['permissions = {}', /permissions/],
])('finds what is wrong after %s', (change, violation) => {
  expect(actionViolations(changed(yaml, change)).join('\n')).toMatch(violation)
})
