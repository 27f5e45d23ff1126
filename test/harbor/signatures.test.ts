import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import { type Digest, sha256 } from '../../src/base/digest.ts'
import { pushArtifact } from '../../src/domain/oci/artifact.ts'
import { copyFromLayout } from '../../src/domain/oci/copy.ts'
import type { Loaded } from '../../src/domain/oci/layout-blobs.ts'
import { getManifest } from '../../src/domain/oci/manifests.ts'
import type { Repository } from '../../src/domain/oci/registry.ts'
import { bundleManifest, emptyBlob } from '../../src/domain/sigstore/formats/bundle.ts'
import { imageSignaturePredicate } from '../../src/domain/sigstore/formats/statement.ts'
import { generateKeys } from '../../src/domain/sigstore/keys/generate.ts'
import { execute } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { tasks } from '../../src/tasks/registry.ts'
import { type FakeHarbor, startFakeHarbor } from '../fakes/harbor/harbor.ts'
import { addRobot, addTeam } from '../fakes/harbor/images.ts'
import { accessoriesOf, repositoryOf } from '../fakes/harbor/state.ts'
import { writeIndex } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../fakes/registry-scene.ts'

const keys = generateKeys('p256', '')
const rights = ['repository:pull', 'repository:push', 'artifact:read', 'accessory:list', 'project:read']

let scene: RegistryScene
let harbor: FakeHarbor
let index: Loaded

/** A project that wants a signature of cosign, with an image of two platforms. */
async function open(
  profile: '2.14' | '2.15' = '2.15',
  metadata: Record<string, string> = { enable_content_trust_cosign: 'true' },
): Promise<void> {
  harbor = await startFakeHarbor({ profile, now: scene.client.clock.now })
  addTeam(harbor, [], { metadata })
  index = await writeIndex(scene.layout)
  await copyFromLayout(scene.layout, index.descriptor.digest, admins().asPusher())
}

function admins(): Repository {
  const credential = { username: 'admin', password: 'admin-Passw0rd' }
  return scene.client.connect(harbor.address, { credential }).repository('team/app')
}

async function work(name: string, inputs: Readonly<Record<string, string>>, allowed: readonly string[] = rights) {
  const task = tasks.find(({ definition }) => definition.name === name)
  if (task === undefined) throw new Error(`there is no task ${name}`)
  const { username, password } = addRobot(harbor, 'team', allowed)
  const { ports, recorded } = fakePorts({ clock: scene.client.clock, http: scene.client.ports.http })
  const image = `${harbor.address}/team/app@${index.descriptor.digest}`
  const given = new Map(Object.entries({ image, username, password, ...inputs }))
  return { ...(await execute(task, { inputs: given, record: emptyRecord, ports })), lines: recorded.lines.join('\n') }
}

const sign = (inputs: Readonly<Record<string, string>> = {}, allowed?: readonly string[]) =>
  work('sign', { key: join(scene.folder, 'cosign.key'), ...inputs }, allowed)

/** What Harbor shows at a manifest. */
function typesAt(digest: string): readonly (string | undefined)[] {
  const repository = repositoryOf(harbor.state, 'team/app')
  return repository === undefined ? [] : accessoriesOf(repository, digest).map(({ accessory }) => accessory?.type)
}

beforeEach(async () => {
  scene = await openRegistryScene()
  writeFileSync(join(scene.folder, 'cosign.key'), keys.privateKey)
  writeFileSync(join(scene.folder, 'cosign.pub'), keys.publicKey)
})
afterEach(async () => {
  await harbor[Symbol.asyncDispose]()
  await scene.close()
})

describe('a signature in Harbor', () => {
  test.each([
    ['2.15', 'bundle'],
    ['2.14', 'bundle,legacy'],
  ] as const)('is shown at every manifest, by %s as %s', async (profile, formats) => {
    await open(profile)
    const { failure, record } = await sign()
    expect([failure, [...new Set(record.signatures?.map(({ format }) => format))].join()]).toEqual([undefined, formats])
    const children = index.content.kind === 'index' ? index.content.index.manifests.map(({ digest }) => digest) : []
    for (const digest of [index.descriptor.digest, ...children]) expect(typesAt(digest)).toContain('signature.cosign')
  })

  it('that it does not show is an error where the project wants one', async () => {
    await open('2.14')
    expect((await sign({ format: 'bundle' })).failure).toMatchObject({ code: 'SW-HARBOR-UNSEEN', hint: 'format: both' })
  })

  it('that it does not show is told elsewhere', async () => {
    await open('2.14', {})
    const { failure, lines } = await sign({ format: 'bundle' })
    expect([failure, lines]).toEqual([undefined, expect.stringContaining('Harbor does not show the signature')])
  })

  it('that the account may not see is said to be unknown', async () => {
    await open()
    const { failure, lines } = await sign({}, ['repository:push'])
    expect([failure, lines]).toEqual([undefined, expect.stringContaining('accessory:list')])
  })
})

describe('what Harbor takes for a signature', () => {
  async function pretend(subject: Digest): Promise<void> {
    const { descriptor } = await getManifest(admins().asPusher(), subject)
    const bundle = Buffer.from('{}')
    const about = { digest: sha256(bundle), size: bundle.length }
    const manifest = bundleManifest({
      bundle: about,
      subject: descriptor,
      predicateType: imageSignaturePredicate,
      created: '2026-11-22T00:00:00Z',
    })
    await pushArtifact(admins().asPusher(), { manifest, blobs: [bundle, emptyBlob.bytes] })
  }

  it('may be empty: it lets the image out, and verify does not', async () => {
    await open()
    const { digest } = index.descriptor
    const reading = (): Promise<Loaded> =>
      getManifest(scene.client.connect(harbor.address, { credential: addRobot(harbor, 'team', rights) }).repository('team/app'), digest)
    await expect(reading()).rejects.toMatchObject({ code: 'SW-HARBOR-POLICY' })
    await pretend(digest)
    expect(typesAt(digest)).toEqual(['signature.cosign'])
    expect((await reading()).descriptor.digest).toBe(digest)
    const { failure } = await work('verify', { key: join(scene.folder, 'cosign.pub') })
    expect(failure).toMatchObject({ code: 'SW-VERIFY-REFUSED' })
  })
})
