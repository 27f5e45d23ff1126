import { describe, expect, test } from '@jest/globals'
import { isLoopbackHost, isNearHost, isPrivateAddress, isPrivateHost } from './address.ts'

/** The host as the URL parser gives it, which is what is judged. */
const hostOf = (text: string): string => new URL(`http://${text}/`).hostname

describe('addresses that are not public', () => {
  test.each([
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.254'],
    ...[
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.192',
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
    ],
    ...[
      '::',
      '::1',
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
      '2002:7f00:1::',
      '2001::1',
      '64:ff9b:1::1',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:a9fe:a9fe',
      '::ffff:10.0.0.1',
      '::127.0.0.1',
      '64:ff9b::127.0.0.1',
      '64:ff9b::a9fe:a9fe',
    ],
  ])('%s', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })
})

describe('addresses that are', () => {
  test.each([
    ...[
      '1.1.1.1',
      '8.8.8.8',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
      '128.0.0.1',
      '169.253.255.255',
      '169.255.0.0',
    ],
    ...['172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
    ...['2606:4700:4700::1111', '2a00:1450:4001::200e', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
  ])('%s', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
})

describe('hosts of URLs that stand for a private address', () => {
  test.each([
    ...['localhost', 'LOCALHOST', 'localhost.', 'app.localhost', 'metadata.google.internal', 'metadata.google.internal.'],
    ...['127.0.0.1', '127.1', '127.0.0.1.', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001', '127.0.0.0x1', '0'],
    ...[
      '127。0。0。1',
      '127．0．0．1',
      '127｡0｡0｡1',
      '①②⑦.⓪.⓪.①',
      '１２７.0.0.1',
      '169。254。169。254',
      'ｌocalhost',
      '%6cocalhost',
      '127%2e0%2e0%2e1',
    ],
    ...[
      '[::1]',
      '[::]',
      '[0:0:0:0:0:0:0:1]',
      '[::ffff:127.0.0.1]',
      '[::FFFF:A9FE:A9FE]',
      '[fe80::1]',
      '[fd00:ec2::254]',
      '[64:ff9b::10.0.0.1]',
    ],
  ])('%s', (text) => {
    expect(isPrivateHost(hostOf(text))).toBe(true)
  })

  test.each([
    'registry.example.com',
    'localhost.example.com',
    'notlocalhost',
    '8.8.8.8',
    '134744072',
    '[2606:4700:4700::1111]',
    '127.0.0.1.example.com',
    '10.example',
  ])('but not %s', (text) => {
    expect(isPrivateHost(hostOf(text))).toBe(false)
  })
})

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['[::1]', true],
  ['localhost', true],
  ['10.0.0.1', false],
  ['example.com', false],
])('this machine is %s: %s', (text, expected) => {
  expect(isLoopbackHost(hostOf(text))).toBe(expected)
})

test.each([
  ['http://127.0.0.1/', true],
  ['http://localhost/', true],
  ['http://169.254.169.254/', true],
  ['http://0xa9fea9fe/', true],
  ['http://169.254.170.23/', true],
  ['http://[fd00:ec2::254]/', true],
  ['http://[fe80::1]/', true],
  ['http://metadata.google.internal./', true],
  ['http://10.0.0.1/', false],
  ['http://[fd00::1]/', false],
  ['http://169.253.1.1/', false],
  ['http://evil-metadata.google.internal/', false],
  ['http://example.com/', false],
])('%s is asked without a proxy: %s', (text, expected) => {
  expect(isNearHost(new URL(text).hostname)).toBe(expected)
})
