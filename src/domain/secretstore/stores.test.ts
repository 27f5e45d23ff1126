import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeGithubSecrets, fakeGithubSecrets } from '../../../test/fakes/github-secrets.ts'
import { type FakeKubernetes, fakeKubernetes } from '../../../test/fakes/kubernetes-secrets.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { type GithubTarget, githubSecret } from './github/secret.ts'
import { kubernetesAccess } from './kubernetes/access.ts'
import { type KubernetesTarget, kubernetesSecret } from './kubernetes/secret.ts'

const folder = temporaryFolder()
const login = { registry: 'harbor.example.com', username: 'robot$team+ci', password: 'Canary-Secret-1' }
const auth = { auth: Buffer.from('robot$team+ci:Canary-Secret-1').toString('base64') }
const token = 'token-of-the-store'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

let client: TestClient
let github: FakeGithubSecrets
let cluster: FakeKubernetes
beforeEach(async () => {
  client = testClient()
  github = await fakeGithubSecrets(token)
  cluster = await fakeKubernetes(token, ['ci'])
})
afterEach(async () => {
  client[Symbol.dispose]()
  await github.close()
  await cluster.close()
})

const ofGithub = (target: Partial<GithubTarget> = {}, given = token) =>
  githubSecret({ owner: 'acme/app', secret: 'HARBOR', ...target }, { api: github.url, token: given }, client.ports)
const ofKubernetes = (target: Partial<KubernetesTarget> = {}, given = token) =>
  kubernetesSecret({ namespace: 'ci', secret: 'harbor', ...target }, { server: cluster.url, token: async () => given }, client.ports)
const keys = { username: 'user', password: 'pass' }

describe('a secret of GitHub Actions', () => {
  it.each<[string, Partial<GithubTarget>]>([
    ['/repos/acme/app/actions/secrets/HARBOR', {}],
    ['/repos/acme/app/environments/prod%20eu/secrets/HARBOR', { environment: 'prod eu' }],
    ['/orgs/acme/actions/secrets/HARBOR', { owner: 'acme' }],
  ])('is at %s, both name and password in one value', async (path, target) => {
    await ofGithub(target).check()
    await ofGithub(target).put(login)
    expect(JSON.parse(github.values.get(path) ?? '')).toEqual({ auths: { 'harbor.example.com': auth } })
  })

  it('is two where the name has one of its own', async () => {
    await ofGithub({ username: 'HARBOR_USER' }).put(login)
    expect([...github.values]).toEqual([
      ['/repos/acme/app/actions/secrets/HARBOR_USER', login.username],
      ['/repos/acme/app/actions/secrets/HARBOR', login.password],
    ])
  })

  it('of an organization is seen by whom it was seen by, and at first by private repositories', async () => {
    const path = '/orgs/acme/actions/secrets/HARBOR'
    await ofGithub({ owner: 'acme' }).put(login)
    expect(github.sent.get(path)).toMatchObject({ visibility: 'private' })
    github.sent.set(path, { visibility: 'selected' })
    await ofGithub({ owner: 'acme' }).put(login)
    expect(github.sent.get(path)).toMatchObject({ visibility: 'selected', selected_repository_ids: [11, 12] })
  })

  it.each<[string, string, Partial<GithubTarget>, string]>([
    ['a token that is not taken', 'other', {}, 'SW-SECRET-STORE-DENIED'],
    ['a path that is not there', token, { owner: 'acme/app/more' }, 'SW-SECRET-STORE-NOT-FOUND'],
  ])('by %s is refused before anything depends on it', async (_, given, target, code) => {
    const failed = ofGithub(target, given).check()
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining('GitHub secret HARBOR of acme/app') })
    await expect(ofGithub(target, given).put(login)).rejects.not.toThrow(/Canary/)
  })

  it('that changed twice in one second is written again', async () => {
    await ofGithub().put(login)
    await ofGithub().put({ ...login, password: 'next' })
    expect(JSON.stringify(JSON.parse(github.values.values().next().value ?? ''))).toContain(base64('robot$team+ci:next'))
  })

  it.each([true, false])('that GitHub takes and does not show as changed is lost (there before: %s)', async (isThere) => {
    if (isThere) await ofGithub().put(login)
    for (let put = 0; put < 2; put += 1) github.instead(/^PUT/, { status: 204, body: undefined })
    await expect(ofGithub().put(login)).rejects.toMatchObject({ code: 'SW-SECRET-STORE-LOST' })
  })

  it('is sent sealed: the value is in no request', async () => {
    await ofGithub().put(login)
    const sent = JSON.stringify([...github.sent])
    for (const form of ['Canary', auth.auth, base64('Canary-Secret-1')]) expect(sent).not.toContain(form)
  })
})

describe('a Secret of Kubernetes', () => {
  it('is made for pulls, or with keys of its own', async () => {
    await ofKubernetes().put(login)
    await ofKubernetes({ secret: 'plain', keys }).put(login)
    expect(cluster.secrets.get('ci/harbor')).toMatchObject({
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64(JSON.stringify({ auths: { 'harbor.example.com': auth } })) },
    })
    expect(cluster.secrets.get('ci/plain')).toMatchObject({
      type: 'Opaque',
      data: { user: base64(login.username), pass: base64(login.password) },
    })
  })

  it('keeps what others have in it', async () => {
    const theirs = { auths: { 'ghcr.io': { auth: 'b3RoZXI=' }, 'harbor.example.com': { auth: 'b2xk' } }, credsStore: 'none' }
    cluster.write('ci/harbor', { '.dockerconfigjson': base64(JSON.stringify(theirs)), more: base64('1') }, 'kubernetes.io/dockerconfigjson')
    await ofKubernetes().put(login)
    const data = cluster.secrets.get('ci/harbor')?.data ?? {}
    expect(JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString())).toEqual({
      ...theirs,
      auths: { ...theirs.auths, 'harbor.example.com': auth },
    })
    expect(data['more']).toBe(base64('1'))
  })

  it('of which several write different parts at once loses none', async () => {
    const names = Array.from({ length: 8 }, (_, place) => `h${place}.example.com`)
    await Promise.all(names.map((registry) => ofKubernetes().put({ ...login, registry })))
    const data = cluster.secrets.get('ci/harbor')?.data ?? {}
    const { auths } = JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString())
    expect(Object.keys(auths).toSorted()).toEqual(names)
  })

  it('that is changed each time is given up', async () => {
    let round = 0
    cluster.write('ci/plain', {})
    cluster.meanwhile = (_, key) => {
      round += 1
      cluster.write(key, { round: base64(String(round)) })
    }
    await expect(ofKubernetes({ secret: 'plain', keys }).put(login)).rejects.toMatchObject({ code: 'SW-SECRET-STORE-BUSY' })
  })

  it.each([
    ['of another type', () => cluster.write('ci/harbor', {}, 'Opaque'), 'is of the type Opaque, expected kubernetes.io/dockerconfigjson'],
    [
      'that is no configuration of Docker',
      () => cluster.write('ci/harbor', { '.dockerconfigjson': base64('[]') }, 'kubernetes.io/dockerconfigjson'),
      'no configuration of Docker',
    ],
  ])('%s is left as it is', async (_, prepare, told) => {
    prepare()
    const before = cluster.secrets.get('ci/harbor')
    await expect(ofKubernetes().put(login)).rejects.toMatchObject({
      code: 'SW-SECRET-STORE-REFUSED',
      message: expect.stringContaining(told),
    })
    expect(cluster.secrets.get('ci/harbor')).toEqual(before)
  })

  it.each([
    ['a token that is not taken', {}, 'other', 'SW-SECRET-STORE-DENIED'],
    ['a namespace that is not there', { namespace: 'none' }, token, 'SW-SECRET-STORE-NOT-FOUND'],
  ])('with %s is refused', async (_, target, given, code) => {
    await expect(ofKubernetes(target, given).put(login)).rejects.toMatchObject({ code })
  })

  it.each([
    ['POST', false],
    ['PATCH', true],
  ])('that may not be written (%s) is refused before anything depends on it', async (denied, isThere) => {
    if (isThere) cluster.write('ci/plain', {})
    await ofKubernetes({ secret: 'plain', keys }).check()
    cluster.may = (method) => method !== denied
    const failed = ofKubernetes({ secret: 'plain', keys }).check()
    await expect(failed).rejects.toMatchObject({ code: 'SW-SECRET-STORE-DENIED' })
    expect(cluster.secrets.get('ci/plain')?.data).toEqual(isThere ? {} : undefined)
  })

  it('is looked at and not made beforehand', async () => {
    await ofKubernetes().check()
    expect(cluster.asked).toEqual(['GET /api/v1/namespaces/ci/secrets/harbor', 'POST /api/v1/namespaces/ci/secrets dry'])
    expect(cluster.secrets.size).toBe(0)
  })

  it('that is put back at once is lost', async () => {
    cluster.write('ci/plain', {})
    cluster.meanwhile = (method, key) => {
      if (method === 'PATCH') cluster.write(key, { user: base64('old') })
    }
    const failed = ofKubernetes({ secret: 'plain', keys }).put(login)
    await expect(failed).rejects.toMatchObject({ code: 'SW-SECRET-STORE-LOST' })
    await expect(failed).rejects.not.toThrow(/Canary/)
  })
})

describe('where Kubernetes is', () => {
  const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }

  it('a pod knows, and reads its token anew each time', async () => {
    const account = mkdtempSync(join(folder, 'account-'))
    writeFileSync(join(account, 'token'), 'first\n')
    writeFileSync(join(account, 'ca.crt'), 'PEM')
    const access = await kubernetesAccess({}, inPod, account)
    expect(access).toMatchObject({ server: 'https://10.96.0.1:443', ca: 'PEM' })
    expect(await access.token()).toBe('first')
    writeFileSync(join(account, 'token'), 'second')
    expect(await access.token()).toBe('second')
    expect((await kubernetesAccess({}, { ...inPod, KUBERNETES_SERVICE_HOST: 'fd00::1' }, account)).server).toBe('https://[fd00::1]:443')
  })

  it('the inputs say, and a pod’s token goes nowhere else', async () => {
    expect(await (await kubernetesAccess({ server: 'https://k8s.example.com/', token: 'mine' }, inPod)).token()).toBe('mine')
    const failed = kubernetesAccess({ server: 'https://k8s.example.com' }, inPod)
    await expect(failed).rejects.toMatchObject({ code: 'SW-SECRET-STORE-UNKNOWN' })
    await expect(kubernetesAccess({}, {})).rejects.toThrow('this run is in no pod')
  })
})
