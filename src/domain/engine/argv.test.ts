import { describe, expect, it, test } from '@jest/globals'
import { type BuildahSetup, buildahArgv } from './buildah-argv.ts'
import { buildxArgv } from './buildx-argv.ts'
import type { DockerfileRequest } from './request.ts'

const plain: DockerfileRequest = {
  context: '/w',
  file: '/w/Dockerfile',
  buildArgs: {},
  secrets: [],
  platforms: [{ os: 'linux', architecture: 'amd64' }],
  labels: {},
  annotations: {},
  network: 'default',
  cacheFrom: [],
  cacheTo: [],
  logins: [],
  provenance: 'none',
  sbom: false,
  compression: { algorithm: 'gzip' },
  created: 7,
}

const full: DockerfileRequest = {
  ...plain,
  target: 'app',
  buildArgs: { A: '1 2', B: '$(x)' },
  secrets: [{ id: 'token', path: '/tmp/s/secret-0' }],
  labels: { l: 'v' },
  annotations: { a: 'v' },
  network: 'none',
  cacheFrom: ['r/c'],
  cacheTo: ['r/c'],
}

describe('buildah build', () => {
  const old = { version: '1.28.2', flags: new Set(['timestamp', 'identity-label', 'cache-from', 'cache-to']) }
  const setup = (over: Partial<BuildahSetup> = {}): BuildahSetup => ({ ...old, ...over })
  const argv = (request: DockerfileRequest, over?: Partial<BuildahSetup>): string =>
    buildahArgv(request, {
      setup: setup(over),
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      tag: 'oci:image-0:latest',
    }).join(' ')

  it('says what the build is to be, and caches nothing', () => {
    expect(argv(plain)).toBe(
      'buildah build --file /w/Dockerfile --format oci --platform linux/arm/v7 --timestamp 7 --identity-label=false --tag oci:image-0:latest /w',
    )
  })

  it('hands on everything that is asked for, each as one argument', () => {
    expect(argv(full, { authFile: '/tmp/auth.json', storageDriver: 'vfs' })).toBe(
      [
        'buildah --storage-driver vfs build --file /w/Dockerfile --format oci --platform linux/arm/v7 --timestamp 7 --identity-label=false',
        '--network none --target app --build-arg A=1 2 --build-arg B=$(x) --label l=v --secret id=token,src=/tmp/s/secret-0',
        '--layers --cache-from r/c --cache-to r/c --authfile /tmp/auth.json --tag oci:image-0:latest /w',
      ].join(' '),
    )
  })

  it('uses the flags of newer releases where they are', () => {
    const flags = new Set(['timestamp', 'source-date-epoch', 'rewrite-timestamp'])
    expect(argv(plain, { flags })).toContain('--source-date-epoch 7 --rewrite-timestamp --tag')
  })

  test.each<[Partial<DockerfileRequest>, Partial<BuildahSetup>, string, string]>([
    [{}, { flags: new Set() }, 'SW-ENGINE-UNFIT', 'neither --timestamp nor --source-date-epoch'],
    [{ cacheFrom: ['r/c'] }, { flags: new Set(['timestamp']) }, 'SW-ENGINE-UNFIT', 'no --cache-from'],
    [{ cacheFrom: ['r/a', 'r/b'] }, {}, 'SW-ENGINE-UNFIT', 'takes one cache'],
    [{ cacheTo: ['r/a', 'r/b'] }, { lists: new Set(['cache-from']) }, 'SW-ENGINE-UNFIT', 'takes one cache'],
    [{ network: 'none' }, { isolation: 'chroot' }, 'SW-ENGINE-UNFIT', 'network is none'],
    [{ sbom: true }, {}, 'SW-ENGINE-INPUT', 'sbom is set'],
    [{ provenance: 'max' }, {}, 'SW-ENGINE-INPUT', 'provenance is set'],
  ])('%j with %j is refused', (request, over, code, message) => {
    expect(() => argv({ ...plain, ...request }, over)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  it('leaves out the network of the host, which chroot has anyway', () => {
    expect(argv({ ...plain, network: 'host' }, { isolation: 'chroot' })).not.toContain('--network')
  })
})

describe('docker buildx build', () => {
  const places = { metadata: '/tmp/m.json', tag: 'slipway.invalid/build:1' } as const
  const argv = (request: DockerfileRequest, exporter: 'layout' | 'store'): string => buildxArgv(request, { ...places, exporter }).join(' ')

  it('exports a layout, with nothing left to defaults that change', () => {
    expect(argv({ ...plain, platforms: [...plain.platforms, { os: 'linux', architecture: 'arm64' }] }, 'layout')).toBe(
      [
        'docker buildx build --progress plain --file /w/Dockerfile --metadata-file /tmp/m.json --platform linux/amd64,linux/arm64 --output',
        'type=oci,dest=image,tar=false,oci-mediatypes=true,rewrite-timestamp=true,compression=gzip --provenance=false --sbom=false /w',
      ].join(' '),
    )
  })

  it('hands on everything that is asked for', () => {
    expect(argv({ ...full, provenance: 'max', sbom: true, compression: { algorithm: 'zstd', level: 9 } }, 'layout')).toBe(
      [
        'docker buildx build --progress plain --file /w/Dockerfile --metadata-file /tmp/m.json --platform linux/amd64 --output',
        'type=oci,dest=image,tar=false,oci-mediatypes=true,rewrite-timestamp=true,compression=zstd,compression-level=9',
        '--provenance=mode=max --sbom=true --network none --target app --build-arg A=1 2 --build-arg B=$(x) --label l=v --annotation a=v',
        '--secret id=token,src=/tmp/s/secret-0 --cache-from r/c --cache-to r/c /w',
      ].join(' '),
    )
  })

  it('names a builder, and what makes the SBOM', () => {
    const request = { ...plain, sbom: true, sbomGenerator: 'r.example.com/scan:1' }
    expect(buildxArgv(request, { ...places, builder: 'container', exporter: 'layout' }).join(' ')).toMatch(
      /^docker buildx build --builder container --progress plain .* --sbom=generator=r\.example\.com\/scan:1 /,
    )
  })

  it('goes by way of the store of Docker where there is no other, without annotations', () => {
    expect(argv(full, 'store')).toContain('--output type=docker --tag slipway.invalid/build:1 --provenance=false --sbom=false')
    expect(argv(full, 'store')).not.toContain('--annotation')
  })

  test.each<[Partial<DockerfileRequest>, string]>([
    [{ provenance: 'min' }, 'SW-ENGINE-INPUT'],
    [{ sbom: true }, 'SW-ENGINE-INPUT'],
    [{ platforms: [...plain.platforms, ...plain.platforms] }, 'SW-ENGINE-UNFIT'],
  ])('the store cannot hold %j', (request, code) => {
    expect(() => argv({ ...plain, ...request }, 'store')).toThrow(
      expect.objectContaining({ code, hint: expect.stringContaining('docker-container') }),
    )
  })
})
