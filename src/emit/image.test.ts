import { expect, it } from '@jest/globals'
import { imageRemarks, pinned, runtimeImage } from './image.ts'

const digest = `sha256:${'a'.repeat(64)}`

it.each([`ghcr.io/slipway-ci/slipway:1.0.0@${digest}`, runtimeImage])('takes %s', (reference) => {
  expect(pinned(reference)).toBe(reference)
})

it.each([
  ['ghcr.io/slipway-ci/slipway:1.0.0', 'lacks a tag or a digest'],
  [`ghcr.io/slipway-ci/slipway@${digest}`, 'lacks a tag or a digest'],
  [`ghcr.io/slipway-ci/slipway:1.0.0@sha256:${digest}`, 'ghcr.io'],
  ['', 'the image ""'],
])('refuses %j', (reference, message) => {
  expect(() => pinned(reference)).toThrow(message)
})

it('says of a placeholder that it is one', () => {
  expect([runtimeImage, `x@${digest}`].map((image) => imageRemarks(image).length)).toEqual([1, 0])
})
