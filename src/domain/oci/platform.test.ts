import { expect, test } from '@jest/globals'
import { formatPlatform, isSamePlatform, parsePlatform } from './platform.ts'

test.each([
  ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
  ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
])('%s is read and written', (text, platform) => {
  expect(parsePlatform(text)).toEqual(platform)
  expect(formatPlatform(platform)).toBe(text)
})

test.each(['linux', 'linux/', '/amd64', 'Linux/AMD64', 'linux/arm/v7/x', ''])('%j is no platform', (text) =>
  expect(parsePlatform(text)).toBeUndefined(),
)

test.each([
  ['linux/arm64', 'linux/arm64/v8', true],
  ['linux/arm', 'linux/arm/v7', true],
  ['linux/arm/v6', 'linux/arm', false],
  ['linux/amd64', 'linux/amd64/v1', true],
  ['linux/amd64', 'linux/amd64/v3', false],
  ['linux/amd64', 'windows/amd64', false],
  ['linux/amd64', 'linux/arm64', false],
])('%s and %s are the same: %s', (a, b, same) => {
  const [left, right] = [parsePlatform(a), parsePlatform(b)]
  expect(left !== undefined && right !== undefined && isSamePlatform(left, right)).toBe(same)
})
