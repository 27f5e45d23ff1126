import { describe, expect, test } from '@jest/globals'
import { tree } from '../../domain/build/fixtures/tree.ts'
import { build } from './fixtures/building.ts'

const chartYaml = 'apiVersion: v2\nname: hello\nversion: 1.4.0+build.7\nappVersion: "2"\n'
const files = { 'chart/Chart.yaml': chartYaml, 'chart/templates/app.yaml': 'kind: Pod\n' }

describe('a Helm chart', () => {
  test('is known by its Chart.yaml, and its version is the tag to push it by', async () => {
    await using workspace = await tree(files)
    const { failure, outputs, record, headline } = await build(
      workspace.folder,
      { context: 'chart' },
      { source: { repository: 'https://github.com/acme/app', commit: 'c0ffee' } },
    )
    expect(failure).toBeUndefined()
    const digest = outputs.get('digest') ?? ''
    expect(Object.fromEntries(outputs)).toEqual({ digest, image: 'oci:.slipway/layout:1.4.0+build.7', layout: '.slipway/layout' })
    expect(record.subject).toMatchObject({ digest, platforms: [], version: '1.4.0_build.7', revision: 'c0ffee' })
    expect(record.own['build']).toEqual({ engine: 'chart', because: 'the context has Chart.yaml and no Dockerfile' })
    expect(headline).toMatch(/^hello 1\.4\.0\+build\.7 · sha256:[0-9a-f]{6}… · \d+ B, new$/)
    expect((await build(workspace.folder, { context: 'chart' })).headline).toMatch(/unchanged$/)
  })

  test('that is deprecated is told to be', async () => {
    await using workspace = await tree({ ...files, 'chart/Chart.yaml': `${chartYaml}deprecated: true\n` })
    const { recorded } = await build(workspace.folder, { context: 'chart' })
    expect(recorded.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn the chart is deprecated, as its Chart.yaml says {"chart":"hello","version":"1.4.0+build.7"}',
    ])
  })

  test.each([
    [{ engine: 'chart', platforms: 'linux/amd64' }, 'SW-ENGINE-INPUT'],
    [{ engine: 'native', 'chart-version': '1.0.0' }, 'SW-ENGINE-INPUT'],
    [{ engine: 'chart', 'chart-version': 'new' }, 'SW-CHART-INVALID'],
  ])('%j is refused', async (inputs, code) => {
    await using workspace = await tree(files)
    expect((await build(workspace.folder, { context: 'chart', ...inputs })).failure).toMatchObject({ code })
  })
})
