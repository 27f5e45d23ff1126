import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { chosen, leaveImage, machine, request } from './fixtures/machine.ts'
import type { DockerfileRequest } from './request.ts'

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
/** Flags that releases have come to have, as their manuals (buildah-build.1) say; the rest of the text is the one before. */
const since = (help: string, ...flags: readonly string[]): string => `${help}${flags.map((flag) => `      ${flag}   text\n`).join('')}`
const without = (help: string, ...flags: readonly string[]): string =>
  help
    .split('\n')
    .filter((line) => !flags.some((flag) => line.includes(`--${flag} `)))
    .join('\n')

const debian12 = recorded('buildah-1.28.2.txt')
const debian13 = recorded('buildah-1.39.3.txt')

/** What `buildah build --help` of a release says. */
const releases: Readonly<Record<string, string>> = {
  '1.19.6': without(debian12, 'cache-to', 'identity-label', 'timestamp'),
  // Here cache-from was listed and did nothing.
  '1.23.1': without(debian12, 'cache-to', 'identity-label'),
  '1.28.2': debian12,
  '1.39.3': debian13,
  '1.41.4': since(debian13, '--source-date-epoch int', '--rewrite-timestamp', '--created-annotation', '--inherit-labels'),
}

/** The command line that a build has with a release, without the places of this machine. */
async function lineOf(release: string, over: Partial<DockerfileRequest> = {}): Promise<string> {
  const here = machine({
    'buildah --version': { stdout: `buildah version ${release} (image-spec 1.1.0, runtime-spec 1.2.0)\n` },
    'buildah build --help': { stdout: releases[release] ?? '' },
    'buildah build': { does: async ({ cwd = '' }) => void (await leaveImage(join(cwd, 'image-0'))) },
    ...{ 'buildah info': {}, runc: {}, 'buildah push': {}, 'buildah rmi': {} },
  })
  const engine = await chosen('buildah', { ...here, ports: { ...here.ports, environment: { BUILDAH_ISOLATION: 'oci' } } })
  await engine.build({ ...request(here.folder), ...over }, here.folder).catch((error: unknown) => {
    if (!here.ran.some(({ argv }) => argv[1] === 'build' && argv[2] !== '--help')) throw error
  })
  const argv = here.ran.find(({ argv: [, verb, first] }) => verb === 'build' && first !== '--help')?.argv ?? []
  return argv
    .join(' ')
    .replaceAll(here.folder, 'W')
    .replace(/slipway-build:\S+/, 'slipway-build:ID')
}

const begin = 'buildah build --file W/Dockerfile --format oci --platform linux/amd64'

describe('buildah of release', () => {
  it.each([
    ['1.23.1', `${begin} --timestamp 0 --tag oci:image-0:latest W`],
    ['1.28.2', `${begin} --timestamp 0 --identity-label=false --tag oci:image-0:latest W`],
    ['1.39.3', `${begin} --timestamp 0 --identity-label=false --tag oci:image-0:latest W`],
    ['1.41.4', `${begin} --source-date-epoch 0 --rewrite-timestamp --identity-label=false --tag oci:image-0:latest W`],
  ])('%s builds with what it has', async (release, line) => {
    expect(await lineOf(release)).toBe(line)
  })

  it.each([
    ['1.28.2', ['r/a'], '--layers --cache-from r/a --tag localhost/slipway-build:ID W'],
    ['1.39.3', ['r/a', 'r/b'], '--layers --cache-from r/a --cache-from r/b --tag localhost/slipway-build:ID W'],
  ])('%s reads the caches %j', async (release, cacheFrom, end) => {
    expect((await lineOf(release, { cacheFrom })).endsWith(end)).toBe(true)
  })

  it.each<[string, Partial<DockerfileRequest>, string]>([
    ['1.19.6', {}, 'neither --timestamp nor --source-date-epoch'],
    ['1.23.1', { cacheFrom: ['r/a'] }, 'has no --cache-from and --cache-to'],
    ['1.28.2', { cacheFrom: ['r/a', 'r/b'] }, 'takes one cache'],
  ])('%s is not asked for %j', async (release, over, message) => {
    await expect(lineOf(release, over)).rejects.toMatchObject({ code: 'SW-ENGINE-UNFIT', message: expect.stringContaining(message) })
  })
})
