import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { type Answer, buildx, chosen, leaveImage, login, machine, request } from './fixtures/machine.ts'

describe('buildx, with what it writes', () => {
  const building = (digestOf: (real: string) => string): Answer => ({
    async does({ argv, cwd = '' }) {
      const real = await leaveImage(join(cwd, 'image'))
      // As buildx 0.29 writes it; the rest of the file is not read.
      const metadata = {
        'buildx.build.ref': 'default/default/w28h06hk',
        'containerimage.digest': digestOf(real),
        'containerimage.config.digest': sha256('c'),
      }
      writeFileSync(argv[argv.indexOf('--metadata-file') + 1] ?? '', JSON.stringify(metadata))
    },
  })

  it('builds where it is told to, with the time of the build', async () => {
    const here = machine({ ...buildx, 'docker buildx build': building((real) => real) }, { DOCKER_HOST: 'unix:///d.sock' })
    const [image] = await (await chosen('buildx', here)).build(request(here.folder), here.folder)
    expect(image?.layout.folder).toBe(join(here.folder, 'image'))
    expect(here.ran.at(-1)).toMatchObject({ cwd: here.folder, echo: true, env: { SOURCE_DATE_EPOCH: '0', DOCKER_HOST: 'unix:///d.sock' } })
  })

  test.each([
    [(): string => sha256('another'), `buildx says that it made ${sha256('another')}`],
    [(): string => 'sha256:short', 'is not what buildx writes'],
  ])('is not believed when its file and its image differ', async (digestOf, message) => {
    const here = machine({ ...buildx, 'docker buildx build': building(digestOf) })
    const engine = await chosen('buildx', here)
    await expect(engine.build(request(here.folder), here.folder)).rejects.toMatchObject({
      code: 'SW-ENGINE-RESULT',
      message: expect.stringContaining(message),
    })
  })

  it('keeps its notes elsewhere, where the configuration of Docker may not be written', async () => {
    const shut = { code: 1, stderr: 'ERROR: mkdir /workspace/docker-config/buildx: read-only file system' }
    const here = machine({ ...buildx, 'docker buildx build': building((real) => real) }, { DOCKER_CONFIG: '/workspace/docker-config' })
    const run: typeof here.ports.process.run = (asked) =>
      asked.argv[2] === 'inspect' && asked.env?.['BUILDX_CONFIG'] === undefined
        ? Promise.resolve({ signal: null, timedOut: false, stdout: '', duration: 1, ...shut })
        : here.ports.process.run(asked)
    const ports = { ...here.ports, process: { ...here.ports.process, run } }
    await (await chosen('buildx', { ...here, ports })).build(request(here.folder), here.folder)
    expect(here.ran.at(-1)).toMatchObject({
      argv: expect.arrayContaining(['build']),
      env: { DOCKER_CONFIG: '/workspace/docker-config', BUILDX_CONFIG: expect.stringContaining('buildx-') },
    })
  })

  it('has the builder that was asked for', async () => {
    const inspect = { 'docker buildx inspect container': { stdout: 'Name: container\nDriver: docker-container\n' } }
    const here = machine({ ...buildx, ...inspect, 'docker buildx build': building((real) => real) })
    await (await chosen('buildx', here, 'container')).build(request(here.folder), here.folder)
    expect(here.ran.at(-1)?.argv.slice(0, 5)).toEqual(['docker', 'buildx', 'build', '--builder', 'container'])
  })

  it.each([
    ['made', { code: 0 }],
    ['failed', { code: 1, stderr: 'ERROR: failed to solve: process "/bin/sh -c false" did not complete' }],
  ])('reads logins from a private folder that is gone when the build has %s, and from no argument', async (_, ended) => {
    let seen: unknown
    let place = ''
    const build: Answer = {
      ...ended,
      async does(asked) {
        place = asked.env?.['DOCKER_CONFIG'] ?? ''
        seen = JSON.parse(readFileSync(join(place, 'config.json'), 'utf8'))
        if (ended.code === 0) await building((real) => real).does?.(asked)
      },
    }
    const here = machine({ ...buildx, 'docker buildx build': build }, { HOME: '/home/me' })
    const made = (await chosen('buildx', here)).build({ ...request(here.folder), logins: [login] }, here.folder)
    await made.catch(() => undefined)
    expect(seen).toMatchObject({ auths: { 'r.example.com': { auth: Buffer.from('AWS:made for this run').toString('base64') } } })
    expect(existsSync(place)).toBe(false)
    expect(here.ran.at(-1)?.env).toMatchObject({ BUILDX_CONFIG: '/home/me/.docker/buildx' })
    expect(JSON.stringify(here.ran.map(({ argv }) => argv))).not.toContain('made for this run')
  })

  it.each([
    [undefined, 'docker.io/docker/buildkit-syft-scanner:stable-1', 'SW-ENGINE-UNFIT'],
    ['r.example.com/scan:1', 'r.example.com/scan:1', 'SW-ENGINE-UNFIT'],
    ['r.example.com/scan:1', 'docker.io/library/node:24', 'SW-DOCKERFILE-FAILED'],
  ])('with the scanner %s says that it cannot be had, when it is what cannot be: %s', async (sbomGenerator, missing, code) => {
    // As buildx 0.29 with BuildKit 0.25 says it.
    const stderr = `ERROR: failed to build: failed to solve: failed to resolve source metadata for ${missing}: failed to do request: dial tcp: no such host`
    const here = machine({ ...buildx, 'docker buildx build': { code: 1, stderr } })
    const made = (await chosen('buildx', here)).build({ ...request(here.folder), sbom: true, sbomGenerator }, here.folder)
    await expect(made).rejects.toMatchObject({ code, message: expect.stringContaining(missing) })
  })

  it('takes its name out of the store of Docker again, also when saving fails', async () => {
    const store = { ...buildx, 'docker info': { stdout: '[["Backing Filesystem","extfs"]]' } }
    const here = machine({
      ...store,
      'docker buildx build': building((real) => real),
      'docker image save': { code: 1, stderr: 'Error: no space left on device' },
      'docker image rm': {},
    })
    const engine = await chosen('buildx', here)
    await expect(engine.build(request(here.folder), here.folder)).rejects.toMatchObject({ code: 'SW-DISK-FULL' })
    const tag = here.ran.find(({ argv }) => argv[2] === 'build')?.argv.find((argument) => argument.startsWith('slipway.invalid/'))
    expect(here.ran.at(-1)?.argv).toEqual(['docker', 'image', 'rm', tag])
    expect(here.recorded.lines).toContainEqual(expect.stringContaining('the digest will be another with every build'))
  })
})
