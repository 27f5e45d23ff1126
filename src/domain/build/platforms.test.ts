import { describe, expect, it, test } from '@jest/globals'
import { fillIn, machinePlatform, parsePlatforms } from './platforms.ts'

const machine = machinePlatform('darwin', 'arm64')

describe('the platforms of a build', () => {
  it('are Linux on the processor of the machine when none is asked for', () => {
    expect(parsePlatforms([], machine)).toEqual([{ os: 'linux', architecture: 'arm64' }])
  })

  it('are kept in their order, without the variant that every arm64 has', () => {
    expect(parsePlatforms(['linux/arm64/v8', ' linux/arm/v7 ', 'linux/amd64'], machine)).toEqual([
      { os: 'linux', architecture: 'arm64' },
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      { os: 'linux', architecture: 'amd64' },
    ])
  })

  test.each([
    [['amd64'], 'expected linux/amd64'],
    [['linux/'], 'expected linux/amd64'],
    [['linux/arm64', 'linux/arm64/v8'], 'linux/arm64 twice'],
  ])('%j cannot be used', (texts, why) => {
    expect(() => parsePlatforms(texts, machine)).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-SETTING', message: expect.stringContaining(why) }),
    )
  })
})

test.each([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['arm64', 'arm64'],
  ['riscv64', 'riscv64'],
])("Node's %s is OCI's %s", (node, oci) => expect(machinePlatform('linux', node)).toEqual({ os: 'linux', architecture: oci }))

test.each([
  ['bin/{os}-{arch}{variant}/x', 'bin/linux-armv7/x'],
  ['bin/{platform}/x', 'bin/linux/arm/v7/x'],
  ['{arch}/{arch}/{other}', 'arm/arm/{other}'],
])('%s is %s', (text, expected) => expect(fillIn(text, { os: 'linux', architecture: 'arm', variant: 'v7' })).toBe(expected))
