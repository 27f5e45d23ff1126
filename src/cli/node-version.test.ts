import { expect, it } from '@jest/globals'
import { nodeFault } from './node-version.ts'

it.each([
  ['18.20.8', 'This is Node 18.20.8, expected 24 or newer.'],
  ['23.11.1', 'This is Node 23.11.1, expected 24 or newer.'],
  ['24.0.0', undefined],
  ['100.1.0', undefined],
])('says of Node %s: %s', (version, message) => {
  const fault = nodeFault(version)
  expect([fault?.message, fault?.exit]).toEqual([message, message === undefined ? undefined : 4])
})

it('lets the Node pass that runs this', () => expect(nodeFault(process.versions.node)).toBeUndefined())
