import { describe, expect, test } from '@jest/globals'
import { parseAddress } from './address.ts'
import { failureOf } from './failure.ts'

const fail = (stderr: string, url = 'https://git.example.com/team/app.git', credentials?: { username: string; password: string }) =>
  failureOf(
    'fetch',
    { code: 128, signal: null, timedOut: false, stdout: '', stderr, duration: 1 },
    { folder: '/w', address: parseAddress(url), credentials, ssh: {} },
  )

describe('what git says', () => {
  test.each([
    ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'SW-SOURCE-DENIED', false],
    ["fatal: Authentication failed for 'https://gitlab.com/a/b.git/'", 'SW-SOURCE-DENIED', false],
    ["fatal: unable to access 'https://h/a/': The requested URL returned error: 403", 'SW-SOURCE-DENIED', false],
    ['git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'SW-SOURCE-DENIED', false],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'SW-SOURCE-DENIED', false],
    ["fatal: detected dubious ownership in repository at '/w'", 'SW-SOURCE-DENIED', false],
    ["remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found", 'SW-SOURCE-MISSING', false],
    ["fatal: '/x' does not appear to be a git repository", 'SW-SOURCE-MISSING', false],
    ["fatal: unable to access 'https://h/': The requested URL returned error: 301", 'SW-SOURCE-MISSING', false],
    ["fatal: unable to access 'https://h/': Could not resolve host: h", 'SW-SOURCE-UNREACHABLE', true],
    ["fatal: unable to access 'https://h/': Failed to connect to h port 443: Connection refused", 'SW-SOURCE-UNREACHABLE', true],
    ["fatal: unable to access 'https://h/': The requested URL returned error: 502", 'SW-SOURCE-UNREACHABLE', true],
    [
      'error: RPC failed; curl 56 GnuTLS recv error (-9)\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output',
      'SW-SOURCE-UNREACHABLE',
      true,
    ],
    ['fatal: the remote end hung up unexpectedly', 'SW-SOURCE-UNREACHABLE', true],
    ["fatal: unable to access 'https://h/': server certificate verification failed. CAfile: none", 'SW-SOURCE-UNREACHABLE', false],
    ['error: Server does not allow request for unadvertised object 1234', 'SW-SOURCE-REF-MISSING', false],
    ['fatal: remote error: upload-pack: not our ref 1234', 'SW-SOURCE-REF-MISSING', false],
    ['error: Your local changes to the following files would be overwritten by checkout:\n\ta.txt', 'SW-SOURCE-CHANGED', false],
    ['fatal: write error: No space left on device', 'SW-DISK-FULL', false],
    ['fatal: something new', 'SW-SOURCE-GIT', false],
    ['', 'SW-SOURCE-GIT', false],
  ])('%j is %s', (stderr, code, retryable) => expect(fail(stderr)).toMatchObject({ code, retryable }))

  test.each([
    ['ssh://git@host/a', undefined, 'with the key that ssh has here'],
    ['file:///srv/a', undefined, 'by this user'],
    ['https://host/a', undefined, 'none were given'],
    ['https://host/a', { username: 'robot', password: 'correct-horse' }, 'as "robot" with the inputs username and password'],
  ])('is told with whose credentials: %s, %j', (url, credentials, who) => {
    const { message } = fail('fatal: access denied', url, credentials)
    expect(message).toContain(who)
    expect(message).not.toContain('correct-horse')
  })

  test('is told without its advice, in one line, and not at length', () => {
    const { message } = fail(`hint: try this\nwarning: that\nfatal: one\nfatal: two\n${'x'.repeat(5000)}`)
    expect(message).toMatch(/^git fetch ended with exit code 128: fatal: one fatal: two x+$/)
    expect(message.length).toBeLessThan(700)
  })
})
