import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { ProcessRequest } from '../../spec/ports.ts'
import { mediaTypes } from '../oci/types.ts'
import { type Answer, buildah, chosen, leaveImage, login, machine, request } from './fixtures/machine.ts'

describe('buildah, on machines that differ', () => {
  const help = {
    'buildah build --help': { stdout: '      --identity-label      add\n      --timestamp int   set\n  -f, --file pathname   of\n' },
  }
  const building = { 'buildah build': { does: async ({ cwd = '' }: ProcessRequest) => void (await leaveImage(join(cwd, 'image-0'))) } }
  const run = async (answers: Readonly<Record<string, Answer>>, environment: Record<string, string> = {}) => {
    const here = machine({ ...buildah, ...help, ...answers }, environment)
    const engine = await chosen('buildah', here)
    const made = await engine.build(request(here.folder), here.folder).catch((error: unknown) => error)
    return { ...here, made, argv: here.ran.at(-1)?.argv.join(' ') ?? '' }
  }
  const denied = { code: 125, stderr: "Error: 'overlay' is not supported over overlayfs" }

  it('uses its own storage and isolation where they work', async () => {
    const { argv, made } = await run({ ...building, 'buildah info': {}, runc: {} }, { BUILDAH_ISOLATION: 'oci' })
    expect(argv).toMatch(
      /^buildah build --file \S+ --format oci --platform linux\/amd64 --timestamp 0 --identity-label=false --tag oci:image-0:latest /,
    )
    expect(made).toMatchObject([{ root: { mediaType: mediaTypes.manifest } }])
  })

  it('takes chroot without a runtime, and vfs where overlay fails', async () => {
    const { argv } = await run({
      'buildah --storage-driver vfs build': building['buildah build'],
      'buildah info': denied,
      'buildah --storage-driver vfs info': {},
    })
    expect(argv).toMatch(/^buildah --storage-driver vfs build .* --isolation chroot /)
  })

  it('says what it needs where nothing works', async () => {
    const { made } = await run({
      'buildah info': { code: 1, stderr: 'Error during unshare(CLONE_NEWUSER): Operation not permitted' },
      'buildah --storage-driver vfs info': denied,
    })
    expect(made).toMatchObject({
      code: 'SW-ENGINE-UNFIT',
      message: expect.stringContaining('CLONE_NEWUSER'),
      hint: expect.stringContaining('docs/guides/dockerfile.md'),
    })
  })

  it('reads logins from a private file that is gone after the build, and from no argument', async () => {
    let seen: unknown
    let file = ''
    const does = async (asked: ProcessRequest): Promise<void> => {
      file = asked.argv[asked.argv.indexOf('--authfile') + 1] ?? ''
      seen = JSON.parse(readFileSync(file, 'utf8'))
      await building['buildah build'].does(asked)
    }
    const here = machine({ ...buildah, ...help, 'buildah info': {}, runc: {}, 'buildah build': { does } })
    await (await chosen('buildah', here)).build({ ...request(here.folder), logins: [login] }, here.folder)
    expect(seen).toMatchObject({ auths: { 'r.example.com': { auth: Buffer.from('AWS:made for this run').toString('base64') } } })
    expect(existsSync(file)).toBe(false)
    expect(JSON.stringify(here.ran.map(({ argv }) => argv))).not.toContain('made for this run')
  })

  it.each([
    ['as it should', {}],
    ['with a failure', { code: 125, stderr: 'Error: no space left on device' }],
  ])('builds in its store where caches are named, and removes the name there when taking it out ends %s', async (_, ended) => {
    const caches = {
      'buildah build --help': { stdout: `${help['buildah build --help'].stdout}      --cache-from string\n      --cache-to string\n` },
    }
    const here = machine({
      ...buildah,
      ...caches,
      ...{ 'buildah info': {}, runc: {}, 'buildah build': {}, 'buildah rmi': {} },
      'buildah push': { ...ended, does: building['buildah build'].does },
    })
    const made = (await chosen('buildah', here)).build({ ...request(here.folder), cacheTo: ['r/c'] }, here.folder)
    await made.catch(() => undefined)
    const [build, push, remove] = here.ran.slice(-3).map(({ argv }) => argv)
    const name = build?.[build.indexOf('--tag') + 1] ?? ''
    expect(name).toMatch(/^localhost\/slipway-build:[0-9a-f-]{36}$/)
    expect(push).toEqual(['buildah', 'push', '--disable-compression', '--format', 'oci', name, 'oci:image-0:latest'])
    expect(remove).toEqual(['buildah', 'rmi', name])
  })

  it.each([
    ['DOCKER_AUTH_CONFIG', '{"auths":{}}', /--authfile \S+auth\.json/],
    ['DOCKER_CONFIG', 'config', /--authfile \S+config\/config\.json/],
    ['REGISTRY_AUTH_FILE', '/etc/auth.json', /^(?!.*--authfile)/],
  ])('is told where credentials are: %s', async (name, value, expected) => {
    const here = machine({ ...buildah, ...help, ...building, 'buildah info': {}, runc: {} })
    mkdirSync(join(here.folder, 'config'))
    writeFileSync(join(here.folder, 'config', 'config.json'), '{}')
    const environment = { BUILDAH_ISOLATION: 'oci', [name]: name === 'DOCKER_CONFIG' ? join(here.folder, value) : value }
    const engine = await chosen('buildah', { ...here, ports: { ...here.ports, environment } })
    await engine.build(request(here.folder), here.folder)
    expect(here.ran.at(-1)?.argv.join(' ')).toMatch(expected)
  })
})
