/** Trust from a TUF repository of one's own over the lab's Sigstore, and the conformance protocol, with real cosign on the other side. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { conformanceCommand } from '../../src/cli/conformance-command.ts'
import { systemClock } from '../../src/io/clock.ts'
import { type Listening, listen } from '../../src/io/server.ts'
import type { Task } from '../../src/spec/execute.ts'
import type { Http } from '../../src/spec/ports.ts'
import { run as runSign } from '../../src/tasks/sign/run.ts'
import { task as sign } from '../../src/tasks/sign/task.ts'
import { run as runVerify } from '../../src/tasks/verify/run.ts'
import { task as verify } from '../../src/tasks/verify/task.ts'
import { type TufRepositoryFake, tufRepository } from '../fakes/tuf-repository.ts'
import { end } from '../real/program.ts'
import { openSigningScene, published, registries, type SigningScene, workflowIdentity, workflowToken } from '../real/sigstore.ts'

const signTask: Task = { definition: sign, load: () => Promise.resolve(runSign) }
const verifyTask: Task = { definition: verify, load: () => Promise.resolve(runVerify) }

let scene: SigningScene
let repository: TufRepositoryFake
let mirror: Listening
beforeAll(async () => {
  scene = await openSigningScene('trust')
  const text = (variable: string): string => readFileSync(published(variable), 'utf8')
  const targets = {
    'trusted_root.json': text('SIGSTORE_TRUSTED_ROOT'),
    'signing_config.v0.2.json': text('SIGSTORE_SIGNING_CONFIG_V1'),
    'signing_config_rekor_v2.v0.2.json': text('SIGSTORE_SIGNING_CONFIG'),
  }
  repository = tufRepository('http://tuf.test', { targets, expires: Date.now() + 3_600_000 })
  mirror = await listen(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://tuf.test')
    const { status, body } = repository.service({ method: 'GET', url, headers: {}, body: '' }) ?? { status: 404, body: '' }
    response.writeHead(status).end(body)
  })
  writeFileSync(join(scene.folder, 'root.json'), repository.root)
})
afterAll(async () => {
  await mirror.close()
  await scene[Symbol.asyncDispose]()
})

const ours = () => ({ 'tuf-url': mirror.url, 'tuf-root': 'root.json' })
const cache = () => ({ environment: { XDG_CACHE_HOME: join(scene.folder, 'cache') } })
const signer = () => ({ identity: workflowIdentity, issuer: published('OIDC_GITHUB_ISSUER') })

describe('a Sigstore known by its TUF repository', () => {
  it.each(['1', '2'])('signs on Rekor %s and verifies, cosign too, and offline without the repository', async (version) => {
    const { name, index } = await scene.push(registries[0], `trust/rekor${version}`)
    const image = `${name}@${index}`
    const signing = { image, ...ours(), 'rekor-version': version, 'identity-token': await workflowToken(), format: 'bundle' }
    expect((await scene.run(signTask, signing, cache())).failure).toBeUndefined()
    expect((await scene.run(verifyTask, { image, ...ours(), ...signer() }, cache())).outputs.get('verdict')).toBe('pass')
    const cosigned = ['--trusted-root', published('SIGSTORE_TRUSTED_ROOT'), '--certificate-identity', workflowIdentity]
    const { status } = await scene.cosign(
      'cosign',
      'verify',
      ...cosigned,
      '--certificate-oidc-issuer',
      published('OIDC_GITHUB_ISSUER'),
      image,
    )
    expect(status).toBe(0)
    const asked: string[] = []
    const http: Http = {
      request: (request) => {
        asked.push(request.url)
        return scene.client.ports.http.request(request)
      },
    }
    const offline = await scene.run(verifyTask, { image, ...ours(), ...signer(), offline: 'true' }, { ...cache(), http })
    expect(offline.outputs.get('verdict')).toBe('pass')
    expect(asked.filter((url) => !url.startsWith(`http://${name.split('/')[0]}`))).toEqual([])
  })

  it('does not verify under a repository that was changed', async () => {
    const { name, index } = await scene.push(registries[0], 'trust/changed')
    const before = repository.files.get('timestamp.json') ?? ''
    repository.files.set(
      'timestamp.json',
      before.replace(/"sig":"(..)/, (_, first) => `"sig":"${first === '00' ? 'ff' : '00'}`),
    )
    const { failure } = await scene.run(verifyTask, { image: `${name}@${index}`, ...ours(), ...signer() }, {})
    repository.files.set('timestamp.json', before)
    expect(failure).toMatchObject({ code: 'SW-TUF-REFUSED' })
  })
})

describe('the conformance protocol', () => {
  const by = () => ['--certificate-identity', workflowIdentity, '--certificate-oidc-issuer', published('OIDC_GITHUB_ISSUER')]
  const root = () => ['--trusted-root', published('SIGSTORE_TRUSTED_ROOT')]
  const run = (...argv: string[]): Promise<void> =>
    conformanceCommand(argv, {
      workingFolder: scene.folder,
      ports: { ...scene.client.ports, clock: systemClock(), signal: new AbortController().signal },
      mask: () => undefined,
      print: () => undefined,
    })

  it.each(['SIGSTORE_SIGNING_CONFIG', 'SIGSTORE_SIGNING_CONFIG_V1'])(
    'signs files that cosign verifies, and the reverse: %s',
    async (config) => {
      const file = join(scene.folder, 'a.txt')
      writeFileSync(file, `a file for ${config}\n`)
      const digest = `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`
      const signing = ['--signing-config', published(config)]
      await run('sign-bundle', '--identity-token', await workflowToken(), '--bundle', 'ours.json', ...root(), ...signing, file)
      const verified = await end(['cosign', 'verify-blob', '--bundle', join(scene.folder, 'ours.json'), ...root(), ...by(), file])
      expect(verified).toMatchObject({ status: 0 })
      const theirs = join(scene.folder, 'theirs.json')
      const made = ['sign-blob', '--yes', '--identity-token', await workflowToken(), ...signing, ...root(), '--bundle', theirs, file]
      expect(await end(['cosign', ...made])).toMatchObject({ status: 0 })
      for (const bundle of ['ours.json', theirs])
        for (const artifact of [file, digest]) await run('verify-bundle', '--bundle', bundle, ...by(), ...root(), artifact)
      await expect(run('verify-bundle', '--bundle', theirs, ...by(), ...root(), 'root.json')).rejects.toThrow('subject-mismatch')
    },
  )
})
