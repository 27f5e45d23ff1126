import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, test } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import { processNotFound } from '../../io/errors.ts'
import { removeTreeSync } from '../../io/files.ts'
import { execute } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import type { ProcessRequest, ProcessResult } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) removeTreeSync(folder)
})

/** A machine that has buildah and no Docker, with a Dockerfile in the workspace. */
function machine(dockerfile = 'ARG BASE\nFROM $BASE\n') {
  const ran: (ProcessRequest & { readonly secrets: readonly string[] })[] = []
  const answer = (given: Partial<ProcessResult>): ProcessResult => ({
    code: 0,
    signal: null,
    timedOut: false,
    stdout: '',
    stderr: '',
    duration: 1,
    ...given,
  })
  const { ports, recorded } = fakePorts({
    environment: { BUILDAH_ISOLATION: 'chroot' },
    process: {
      find: async () => undefined,
      async run(request) {
        const [program, subcommand] = request.argv
        if (program !== 'buildah') throw processNotFound('not here')
        const sources = request.argv.filter((argument) => argument.startsWith('id=')).map((argument) => argument.split('src=')[1] ?? '')
        ran.push({ ...request, secrets: sources.map((path) => readFileSync(path, 'utf8')) })
        if (subcommand === '--version') return answer({ stdout: 'buildah version 1.28.2' })
        if (request.argv.includes('--help')) return answer({ stdout: '      --timestamp int  set' })
        if (subcommand === 'build') await writeImage(await createLayout(join(request.cwd ?? '', 'image-0')))
        return answer({})
      },
    },
  })
  const { workspace } = ports.files
  folders.push(workspace)
  writeFileSync(join(workspace, 'Dockerfile'), dockerfile)
  const build = (inputs: Record<string, Raw>) =>
    execute({ definition: task, load: async () => run }, { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports })
  return { build, ran, recorded, workspace }
}

describe('a context with a Dockerfile', () => {
  it('is built by what is there, which the summary and the record say', async () => {
    const { build } = machine()
    const { outputs, record, summary, failure } = await build({ 'build-args': 'BASE=r.example.com/base:1' })
    expect(failure).toBeUndefined()
    expect(outputs.get('digest')).toBe(record.subject?.digest)
    expect(record.subject?.base).toEqual({ name: 'r.example.com/base:1' })
    const why = 'there is a Dockerfile; no buildx: docker is not on PATH'
    expect(record.own['build']).toMatchObject({ engine: 'buildah 1.28.2', because: why })
    expect(JSON.stringify(summary)).toContain(`engine buildah 1.28.2: ${why}`)
  })

  it('gets its secrets as files, and nothing of them anywhere else', async () => {
    const { build, ran, recorded, workspace } = machine()
    writeFileSync(join(workspace, 'npmrc'), 'file-secret')
    await build({ secrets: 'token=value-secret', 'secret-files': 'npmrc=npmrc' })
    const call = ran.at(-1)
    expect(call?.secrets).toEqual(['value-secret', 'file-secret'])
    expect(JSON.stringify([call?.argv, call?.env, recorded.lines])).not.toMatch(/value-secret|file-secret/)
    expect(recorded.masked).toEqual(expect.arrayContaining(['value-secret', 'file-secret']))
  })

  it('is remarked on, line by line', async () => {
    const { build, recorded } = machine('FROM r.example.com/base\nUSER root\n')
    await build({})
    expect(recorded.annotations).toMatchObject([
      { level: 'notice', file: 'Dockerfile', line: 1, title: 'Base without a version' },
      { level: 'notice', file: 'Dockerfile', line: 2, title: 'Runs as root' },
    ])
  })

  it('is left alone by a native build', async () => {
    const { build, ran } = machine()
    const { record } = await build({ engine: 'native', base: 'scratch', plan: 'folder', entrypoint: '["/app/x"]' })
    expect([record.own['build']?.['engine'], ran]).toEqual(['native', []])
  })

  test.each([
    [{ entrypoint: 'x' }, 'SW-ENGINE-INPUT', 'entrypoint is set, and the engine is buildah'],
    [{ base: 'scratch', user: '1' }, 'SW-ENGINE-INPUT', 'base, user are set'],
    [{ file: 'other' }, 'SW-DOCKERFILE-MISSING', 'other is not there'],
    [{ file: '.' }, 'SW-DOCKERFILE-MISSING', 'is a directory'],
    [{ engine: 'buildx' }, 'SW-ENGINE-MISSING', 'docker is not on PATH'],
    [{ secrets: 'nothing' }, 'SW-BUILD-SECRET', 'Line 1 of secrets'],
    [{ 'exit-code': '0' }, 'SW-ENGINE-INPUT', 'exit-code is set'],
  ])('%j is refused', async (inputs, code, message) => {
    const { failure, outputs } = await machine().build(inputs)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(message) })
    expect([...outputs.values()]).toEqual(['', '', ''])
  })
})

describe('an image that a step before has made', () => {
  const made = async () => {
    const here = machine()
    mkdirSync(join(here.workspace, 'theirs'))
    const { descriptor } = await writeImage(await createLayout(join(here.workspace, 'theirs')))
    return { ...here, digest: descriptor.digest, inputs: { engine: 'layout', context: 'theirs' } }
  }

  it('is taken over when that step went well', async () => {
    const { build, inputs, digest, workspace } = await made()
    writeFileSync(join(workspace, 'code'), '0\n')
    const { record } = await build({ ...inputs, 'exit-code': 'code' })
    expect(record.subject?.digest).toBe(digest)
    // Its layers were packed elsewhere, by nobody knows what.
    expect(Object.keys(record.own['build'] ?? {})).toEqual(['engine', 'because'])
    expect((await build({ ...inputs, annotations: 'a=b' })).record.subject?.digest).not.toBe(digest)
  })

  test.each([
    [{ 'exit-code': '125' }, 'SW-DOCKERFILE-FAILED', 'ended with exit code 125'],
    [{ 'exit-code': 'Dockerfile' }, 'SW-ENGINE-INPUT', 'expected a number from 0 to 255'],
    [{ labels: 'a=b' }, 'SW-ENGINE-INPUT', 'labels is set, and the engine is layout'],
    [{ context: '.' }, 'SW-LAYOUT-MISSING', 'is not an OCI image layout'],
  ])('%j is refused', async (inputs, code, message) => {
    const { build, inputs: good } = await made()
    const { failure, record } = await build({ ...good, ...inputs })
    expect([failure, record.subject]).toEqual([expect.objectContaining({ code, message: expect.stringContaining(message) }), undefined])
  })
})
