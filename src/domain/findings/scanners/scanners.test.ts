import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, test } from '@jest/globals'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { sha256 } from '../../../base/digest.ts'
import { Redactor } from '../../../base/redact.ts'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { createProcesses } from '../../../io/process.ts'
import type { Ports } from '../../../spec/ports.ts'
import { createLayout, entriesOf } from '../../oci/layout.ts'
import { openBlob, writeBlob } from '../../oci/layout-blobs.ts'
import { imageOf } from '../../packages/image.fake.ts'
import { imagesOf } from '../../packages/images.ts'
import { layerOpener } from '../../packages/layer-opener.ts'
import { recorded } from '../reports/scene.fake.ts'
import { programOf } from './program.ts'
import { runScanner } from './run-scanner.ts'
import { scanners } from './scanners.ts'
import { singleImage } from './single-image.ts'

const folder = temporaryFolder()
let home: string
let ports: Ports

beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'))
  const { ports: fake } = fakePorts()
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    TRIVY_SEVERITY: 'LOW',
    GRYPE_ONLY_FIXED: 'true',
    AWS_SECRET_ACCESS_KEY: 'secret',
    DOCKER_CONFIG: '/home/user/.docker',
    https_proxy: 'http://user:secret@proxy.example.com',
  }
  const options = { environment, workspace: fake.files.workspace, signal: fake.signal, log: fake.log, redactor: new Redactor() }
  ports = { ...fake, process: createProcesses(options) }
})

/** A program in place of a scanner: says a version, keeps how it was called, and then does what `body` says. */
function program(name: string, version: object, body: string): string {
  const path = join(home, name)
  const call = `require('fs').writeFileSync(${JSON.stringify(join(home, 'call.json'))}, JSON.stringify({ argv, env: process.env, cwd: require('fs').readdirSync('.') }))`
  writeFileSync(
    path,
    `#!${process.execPath}\nconst argv = process.argv.slice(2)\nif (argv[0] === 'version') console.log(${JSON.stringify(JSON.stringify(version))})\nelse { ${call}; ${body} }\n`,
  )
  chmodSync(path, 0o755)
  return path
}
const writes = (report: object): string =>
  `require('fs').writeFileSync(argv.find((one) => one.endsWith('report.json')), ${JSON.stringify(JSON.stringify(report))})`
const called = (): { argv: string[]; env: Record<string, string>; cwd: string[] } =>
  JSON.parse(readFileSync(join(home, 'call.json'), 'utf8'))

describe('the program', () => {
  const said = (version: string): string => program('trivy', { Version: version }, '')
  test.each<readonly [string, string, boolean]>([
    ['in the range', '0.68.1', true],
    ['too old', '0.54.1', false],
    ['too new', '1.0.0', false],
    ['a build that does not say', 'dev', false],
  ])('is taken or not by its version: %s', async (_, version, isTaken) => {
    const found = programOf(scanners.trivy, { program: said(version) }, ports)
    if (isTaken) await expect(found).resolves.toMatchObject({ version, digest: expect.stringMatching(/^sha256:/) })
    else
      await expect(found).rejects.toMatchObject({
        code: 'SW-SCANNER-UNFIT',
        exit: 4,
        message: expect.stringContaining(JSON.stringify(version).slice(1, -1)),
      })
  })

  it('that does not say its version is taken when its digest is pinned', async () => {
    const path = said('dev')
    const digest = sha256(readFileSync(path))
    await expect(programOf(scanners.trivy, { program: path, digest }, ports)).resolves.toMatchObject({ version: 'dev', digest })
  })

  it('that was pinned is the one that runs, whatever is put in its place afterwards', async () => {
    const path = program('trivy', { Version: '0.68.1' }, writes(recorded('trivy')))
    const found = await programOf(scanners.trivy, { program: path, digest: sha256(readFileSync(path)) }, ports)
    writeFileSync(path, `#!/bin/sh\ntouch ${home}/started\n`)
    expect(await runScanner(found, { layout: { folder: '/nowhere' }, timeout: 30_000 }, ports)).toMatchObject({ source: 'trivy' })
    expect([readdirSync(home).includes('started'), found.path]).toEqual([false, path])
  })

  it('of another digest is not started', async () => {
    const path = program('trivy', {}, '')
    writeFileSync(path, `#!/bin/sh\ntouch ${home}/started\n`)
    await expect(programOf(scanners.trivy, { program: path, digest: sha256('another') }, ports)).rejects.toMatchObject({
      code: 'SW-SCANNER-UNFIT',
    })
    expect(readdirSync(home)).not.toContain('started')
  })

  test.each<readonly [string, string, string]>([
    ['that is not there', 'no-such-scanner', 'SW-PROCESS-NOT-FOUND'],
    ['whose path is not there', './no-such-scanner', 'SW-FILE-MISSING'],
  ])('%s is told', async (_, name, code) => {
    await expect(programOf(scanners.grype, { program: name }, ports)).rejects.toMatchObject({ code })
  })

  test.each<readonly [string, string]>([
    ['no JSON', 'hello'],
    ['something else', '{"release":"1"}'],
  ])('that answers %s is told', async (_, answer) => {
    const path = join(home, 'grype')
    writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 })
    await expect(programOf(scanners.grype, { program: path }, ports)).rejects.toMatchObject({ code: 'SW-SCANNER-FAILED' })
  })
})

describe('a run', () => {
  const layout = { folder: '/nowhere/layout' }
  const start = async (
    name: 'trivy' | 'grype',
    body: string,
    more: { cache?: string; timeout?: number } = {},
  ): ReturnType<typeof runScanner> => {
    const path = program(
      name,
      name === 'trivy' ? { Version: '0.68.1', VulnerabilityDB: { UpdatedAt: '2026-11-21T00:00:00Z' } } : { version: '0.103.0' },
      body,
    )
    const found = await programOf(scanners[name], { program: path, cache: more.cache }, ports)
    return runScanner(found, { layout, timeout: more.timeout ?? 30_000 }, ports)
  }

  it('of trivy reads the layout, fetches nothing, and tells the age of its database', async () => {
    const report = await start('trivy', writes(recorded('trivy')), { cache: '/cache/trivy' })
    expect([report.source, report.date, report.reported.length]).toEqual(['trivy', '2026-11-21T00:00:00Z', 4])
    const { argv } = called()
    expect(argv.slice(0, 3)).toEqual(['image', '--input', '/nowhere/layout'])
    expect(argv).toEqual(
      expect.arrayContaining(['--offline-scan', '--skip-db-update', '--skip-java-db-update', '--cache-dir', '/cache/trivy']),
    )
  })

  it('of a scanner that does not tell the age of its database has none, however new the report is', async () => {
    const path = program('trivy', { Version: '0.68.1' }, writes(recorded('trivy')))
    const found = await programOf(scanners.trivy, { program: path }, ports)
    expect(await runScanner(found, { layout, timeout: 30_000 }, ports)).toMatchObject({
      date: '',
      written: expect.stringMatching(/^2026-/),
    })
  })

  it('of grype reads the layout, and fetches nothing', async () => {
    const report = await start('grype', writes(recorded('grype')), { cache: '/cache/grype' })
    expect([report.source, report.reported.length]).toEqual(['grype', 3])
    expect(called()).toMatchObject({
      argv: expect.arrayContaining(['oci-dir:/nowhere/layout']),
      env: { GRYPE_DB_CACHE_DIR: '/cache/grype', GRYPE_DB_AUTO_UPDATE: 'false', GRYPE_CHECK_FOR_APP_UPDATE: 'false' },
    })
  })

  it('sees no secret, no settings in variables, and no folder of ours', async () => {
    await start('trivy', writes(recorded('trivy')))
    const { env, cwd } = called()
    expect(Object.values(env).filter((value) => /secret|\.docker/.test(value))).toEqual([])
    expect([env['TRIVY_SEVERITY'], env['GRYPE_ONLY_FIXED'], env['AWS_SECRET_ACCESS_KEY'], cwd]).toEqual([
      undefined,
      undefined,
      undefined,
      ['settings.yaml'],
    ])
  })

  test.each<readonly [string, 'trivy' | 'grype', string, string, string]>([
    [
      'trivy has no database',
      'trivy',
      'console.error("FATAL run error: --skip-db-update cannot be specified on the first run"); process.exit(1)',
      'SW-SCANNER-DATABASE',
      'first run',
    ],
    [
      'grype has no database',
      'grype',
      'console.error("failed to load vulnerability db: database does not exist"); process.exit(1)',
      'SW-SCANNER-DATABASE',
      'does not exist',
    ],
    ['it fails', 'grype', 'console.error("a\\nb\\nc\\nd"); process.exit(3)', 'SW-SCANNER-FAILED', 'ended with exit code 3: b; c; d'],
    ['it is killed', 'grype', 'process.kill(process.pid, "SIGKILL"); setTimeout(() => 0, 10000)', 'SW-SCANNER-FAILED', 'signal SIGKILL'],
    ['it writes nothing', 'grype', '', 'SW-FILE-MISSING', 'report.json'],
    ['it writes half a report', 'grype', writes([]).replace('"[]"', '"{"'), 'SW-SCAN-REPORT-INVALID', 'not JSON'],
    ['it writes the report of another', 'grype', writes(recorded('trivy')), 'SW-SCANNER-FAILED', 'a report of trivy'],
  ])('is an error where %s', async (_, name, body, code, message) => {
    await expect(start(name, body)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('is ended when it takes too long', async () => {
    await expect(start('grype', 'setInterval(() => 0, 1000)', { timeout: 500 })).rejects.toMatchObject({
      code: 'SW-SCANNER-FAILED',
      message: expect.stringContaining('after 0.5 s'),
    })
  })
})

describe('a layout with one image alone', () => {
  it('has its blobs and no other entry, and the layout it comes from stays as it is', async () => {
    const { layout } = await imageOf(join(home, 'layout'), [{ a: 'a' }, { b: 'b' }])
    await imageOf(join(home, 'layout'), [{ c: 'c' }])
    const before = readFileSync(join(layout.folder, 'index.json'), 'utf8')
    const [first] = await entriesOf(layout)
    const [image] = await imagesOf(layout, first?.digest)
    if (image === undefined) throw new Error('no image')
    const single = await singleImage(mkdtempSync(join(home, 'single-')), { layout, image, open: await layerOpener(layout, ports) })
    expect((await entriesOf(single)).map(({ digest }) => digest)).toEqual([image.descriptor.digest])
    expect(readdirSync(join(single.folder, 'blobs/sha256'))).toHaveLength(4)
    expect(readFileSync(join(layout.folder, 'index.json'), 'utf8')).toBe(before)
  })

  it('gets a layer that the layout leaves out from where it is', async () => {
    const { layout, image: loaded } = await imageOf(join(home, 'layout'), [{ a: 'a' }])
    const shallow = await createLayout(join(home, 'shallow'))
    const [image] = await imagesOf(layout, loaded.descriptor.digest)
    if (image === undefined) throw new Error('no image')
    for (const blob of [image.manifest.config, image.descriptor]) await writeBlob(shallow, openBlob(layout, blob), blob)
    const asked: string[] = []
    const open = (layer: (typeof image.manifest.layers)[number]): AsyncIterable<Uint8Array> => {
      asked.push(layer.digest)
      return openBlob(layout, layer)
    }
    const single = await singleImage(mkdtempSync(join(home, 'single-')), { layout: shallow, image, open })
    expect([asked, readdirSync(join(single.folder, 'blobs/sha256')).length]).toEqual([[image.manifest.layers[0]?.digest], 3])
  })
})
