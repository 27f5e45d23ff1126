import { describe, expect, it, test } from '@jest/globals'
import { failureOf, lastWords } from './failure.ts'

const result = (stderr: string, stdout = '') => ({ code: 1, signal: null, timedOut: false, stdout, stderr, duration: 1 })

describe('what a failed engine said', () => {
  test.each([
    // buildah 1.28 and 1.39, buildx 0.29
    ['Error: building at STEP "RUN false": while running runtime: exit status 1', 'SW-DOCKERFILE-FAILED', ''],
    [
      'ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
      'SW-DOCKERFILE-FAILED',
      '',
    ],
    ['Error: writing file: no space left on device', 'SW-DISK-FULL', ''],
    ['Error during unshare(CLONE_NEWUSER): Operation not permitted', 'SW-ENGINE-UNFIT', 'security context'],
    ['Error: cannot clone: Operation not permitted', 'SW-ENGINE-UNFIT', 'security context'],
    [
      "Error: 'overlay' is not supported over overlayfs, a mount_program is required: backing file system is unsupported for this graph driver",
      'SW-ENGINE-UNFIT',
      'STORAGE_DRIVER=vfs',
    ],
    ['ERROR: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', 'SW-ENGINE-MISSING', 'DOCKER_HOST'],
    ['ERROR: failed to build: Attestation is not supported for the docker driver.', 'SW-ENGINE-UNFIT', 'docker-container'],
    ['ERROR: Multi-platform build is not supported for the docker driver.', 'SW-ENGINE-UNFIT', 'docker-container'],
    [
      'Error: creating build container: pinging container registry h:5: Get "https://h:5/v2/": http: server gave HTTP response to HTTPS client',
      'SW-DOCKERFILE-FAILED',
      'plain HTTP',
    ],
    ['ERROR: failed to solve: h/a: failed to authorize: unexpected status: 401 Unauthorized', 'SW-DOCKERFILE-FAILED', 'docker login'],
  ])('%j is %s', (said, code, hint) => {
    const failure = failureOf('engine', result(`something\n${said}\n`))
    expect(failure).toMatchObject({ code, message: expect.stringContaining(said) })
    expect(failure.hint ?? '').toContain(hint)
  })

  it('is the last line that calls itself an error, else the last, else how it ended', () => {
    expect(lastWords(result('Error: one\nlevel=warning msg=two'))).toBe('Error: one')
    expect(lastWords(result('one\ntwo\n\n'))).toBe('two')
    expect(lastWords(result(''))).toBe('nothing, and ended with exit code 1')
    expect(lastWords({ ...result(''), code: null, signal: 'SIGKILL' })).toBe('nothing, and ended with signal SIGKILL')
  })
})
