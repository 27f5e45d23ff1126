import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import type { ImageConfig } from '../oci/types.ts'
import { canonicalJson, containerConfig, formatTime, imageConfig } from './config.ts'
import type { Settings } from './settings.ts'

const settings: Settings = { env: {}, labels: {}, ports: [], allowRoot: false }
const amd64 = { os: 'linux', architecture: 'amd64' }
const base: ImageConfig = {
  ...amd64,
  created: '2025-01-02T03:04:05Z',
  config: {
    Env: ['PATH=/bin', 'LANG=C', 'ODD'],
    Entrypoint: ['/entry'],
    Cmd: ['serve'],
    Labels: { a: '1' },
    ExposedPorts: { '80/tcp': {} },
    User: 'app',
    WorkingDir: '/srv',
  },
  rootfs: { type: 'layers', diff_ids: [sha256('base')] },
  history: [
    { created: '2025-01-02T03:04:05Z', created_by: 'ADD rootfs' },
    { created_by: 'ENV', empty_layer: true },
  ],
}

describe('what a container runs', () => {
  test.each<[string, Partial<Settings>, unknown]>([
    ["the base's, when nothing is set", {}, { Entrypoint: ['/entry'], Cmd: ['serve'] }],
    ['another entrypoint, without the old arguments', { entrypoint: ['/new'] }, { Entrypoint: ['/new'] }],
    ['other arguments, with the old entrypoint', { cmd: ['help'] }, { Entrypoint: ['/entry'], Cmd: ['help'] }],
    ['both', { entrypoint: ['/new'], cmd: ['x'] }, { Entrypoint: ['/new'], Cmd: ['x'] }],
  ])('%s', (_, given, expected) => {
    const { Entrypoint, Cmd } = containerConfig(base.config ?? {}, { ...settings, ...given })
    expect({ ...(Entrypoint && { Entrypoint }), ...(Cmd && { Cmd }) }).toEqual(expected)
  })

  it('must be known', () => {
    expect(() => containerConfig({}, settings)).toThrow(expect.objectContaining({ code: 'SW-BUILD-NO-ENTRYPOINT' }))
  })

  it('has variables in their old places with new values, and new ones in the order given', () => {
    expect(containerConfig(base.config ?? {}, { ...settings, env: { Z: '1', LANG: 'C.UTF-8', A: 'x=y' } }).Env).toEqual([
      'PATH=/bin',
      'LANG=C.UTF-8',
      'ODD',
      'Z=1',
      'A=x=y',
    ])
  })

  it('adds labels and ports to those of the base', () => {
    const { Labels, ExposedPorts } = containerConfig(base.config ?? {}, { ...settings, labels: { b: '2', a: '3' }, ports: ['8080'] })
    expect({ Labels, ExposedPorts }).toEqual({ Labels: { a: '3', b: '2' }, ExposedPorts: { '80/tcp': {}, '8080/tcp': {} } })
  })

  it('keeps what is not known here', () => {
    const unknown = { ...base.config, Healthcheck: { Test: ['CMD', 'true'] } }
    expect(containerConfig(unknown, settings)).toMatchObject({ Healthcheck: { Test: ['CMD', 'true'] } })
  })
})

describe('the configuration of an image', () => {
  const layers = [{ diffId: sha256('ours'), createdBy: 'slipway build: application' }]

  it("has the base's layers and history first, untouched", () => {
    const built = imageConfig({ platform: amd64, base, container: {}, layers, created: 0 })
    expect(built.rootfs.diff_ids).toEqual([sha256('base'), sha256('ours')])
    expect(built.history).toEqual([...(base.history ?? []), { created: '1970-01-01T00:00:00Z', created_by: 'slipway build: application' }])
    expect(built.created).toBe('1970-01-01T00:00:00Z')
  })

  it('has no history when the base has none: ours would be taken for its', () => {
    const { history: _, ...silent } = base
    expect(imageConfig({ platform: amd64, base: silent, container: {}, layers, created: 0 }).history).toBeUndefined()
  })

  it('has the same bytes whatever order its fields were given in', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 2 }], a: 'x' })).toBe('{"a":"x","b":[{"a":2,"z":1}]}')
  })
})

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_700_000_000, '2023-11-14T22:13:20Z'],
])('%d seconds are %s', (seconds, expected) => expect(formatTime(seconds)).toBe(expected))
