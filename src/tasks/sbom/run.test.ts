import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { writeImage, writeReferrer } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import type { LayerFiles } from '../../domain/packages/image.fake.ts'
import { cycloneDxFaults } from '../../domain/sbom/schema.fake.ts'
import { execute } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { application, sbom, system } from './sbom.fake.ts'
import { task } from './task.ts'

describe('the SBOM of an image', () => {
  test('is written to the workspace, valid, and left in the record with its digest', async () => {
    const { failure, outputs, record, read, headline } = await sbom([system, application('1')])
    expect(failure).toBeUndefined()
    expect(headline).toBe('2 packages · CycloneDX 1.6')
    const text = read('.slipway/sbom/linux-amd64.cdx.json')
    expect(cycloneDxFaults(JSON.parse(text))).toEqual([])
    expect(Object.fromEntries(outputs)).toEqual({
      sbom: '.slipway/sbom/linux-amd64.cdx.json',
      'sbom-digest': sha256(text),
      packages: '2',
      verdict: '',
      report: '',
    })
    expect(record.sboms).toEqual([
      {
        subject: record.subject?.digest,
        platform: 'linux/amd64',
        format: 'cyclonedx-1.6',
        path: '.slipway/sbom/linux-amd64.cdx.json',
        file: sha256(text),
        packages: 2,
      },
    ])
  })

  test('is there for every platform of an index, in a list with their digests', async () => {
    const { outputs, record, read } = await sbom('index')
    expect(record.sboms?.map(({ platform, packages }) => [platform, packages])).toEqual([
      ['linux/amd64', 2],
      ['linux/arm64', 2],
    ])
    const sums = read('.slipway/sbom/SHA256SUMS')
    expect(Object.fromEntries(outputs)).toMatchObject({ sbom: '.slipway/sbom/SHA256SUMS', 'sbom-digest': sha256(sums), packages: '3' })
    expect(sums.trim().split('\n')).toEqual(record.sboms?.map(({ path, file }) => `${file.slice(7)}  ${path}`))
  })

  test.each<[Readonly<Record<string, Raw>>, Readonly<Record<string, string>>, string]>([
    [{}, {}, '1970-01-01T00:00:00Z'],
    [{}, { SOURCE_DATE_EPOCH: '1700000000' }, '2023-11-14T22:13:20Z'],
    [{ 'source-date-epoch': '1' }, { SOURCE_DATE_EPOCH: '1700000000' }, '1970-01-01T00:00:01Z'],
  ])('has with %j and %j the time %s', async (inputs, environment, time) => {
    const { read } = await sbom([system], inputs, { environment })
    expect(JSON.parse(read('.slipway/sbom/linux-amd64.cdx.json')).metadata.timestamp).toBe(time)
  })

  test('is called what the image will be called', async () => {
    const { read } = await sbom([system], { image: 'r.example.com/team/app', folder: 'out' })
    expect(JSON.parse(read('out/linux-amd64.cdx.json')).metadata.component.name).toBe('r.example.com/team/app')
  })
})

describe('what cannot be read', () => {
  const damaged: LayerFiles = { 'x\n::error::/package.json': '{' }

  test('fails the task before anything is written', async () => {
    const { failure, record } = await sbom([damaged])
    expect(failure).toMatchObject({
      code: 'SW-SBOM-UNSCANNABLE',
      exit: 2,
      message: expect.stringContaining('"x\\n::error::/package.json"'),
    })
    expect(record.sboms).toBeUndefined()
  })

  test('is named, where that is asked for', async () => {
    const { failure, lines, read } = await sbom([damaged], { unscannable: 'warn' })
    expect(failure).toBeUndefined()
    expect(lines.some((line) => line.startsWith('warn not read') && line.includes('x\\n::error::/package.json'))).toBe(true)
    expect(JSON.parse(read('.slipway/sbom/linux-amd64.cdx.json')).compositions[0].aggregate).toBe('incomplete')
  })
})

test('a digest of something that is no image is refused', async () => {
  const { ports } = fakePorts()
  const layout = await createLayout(join(ports.files.workspace, 'layout'))
  const { descriptor } = await writeReferrer(layout, (await writeImage(layout)).descriptor)
  const inputs = new Map([
    ['layout', layout.folder],
    ['digest', descriptor.digest],
  ])
  const { failure } = await execute({ definition: task, load: () => Promise.resolve(run) }, { inputs, record: emptyRecord, ports })
  expect(failure).toMatchObject({ code: 'SW-PACKAGES-NO-IMAGE' })
})
