import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { kubernetesSecret } from '../../src/domain/secretstore/kubernetes/secret.ts'
import { testClient } from '../fakes/registry-client.ts'
import { kubectl } from '../real/cluster.ts'

/** A real API server, and a service account that may do with secrets what the guide asks for, and nothing else. */
const namespace = `secrets-${process.pid}`
const login = { registry: 'harbor.example.com', username: 'robot$team+ci', password: 'Canary-Secret-1' }
const client = testClient()
let server = ''
let token = ''
let ca = ''

beforeAll(async () => {
  const config = JSON.parse(await kubectl(['config', 'view', '--minify', '-o', 'json']))
  server = config.clusters[0].cluster.server
  ca = await authorityOf(new URL(server))
  const api = 'rbac.authorization.k8s.io'
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] }]
  await kubectl(['create', 'namespace', namespace])
  for (const object of [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'rotator' } },
    { apiVersion: `${api}/v1`, kind: 'Role', metadata: { name: 'rotator' }, rules },
    {
      ...{ apiVersion: `${api}/v1`, kind: 'RoleBinding', metadata: { name: 'rotator' } },
      roleRef: { apiGroup: api, kind: 'Role', name: 'rotator' },
      subjects: [{ kind: 'ServiceAccount', name: 'rotator', namespace }],
    },
  ])
    await kubectl(['-n', namespace, 'apply', '-f', '-'], object)
  token = (await kubectl(['-n', namespace, 'create', 'token', 'rotator'])).trim()
}, 300_000)
afterAll(async () => {
  client[Symbol.dispose]()
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

/** PEM of all that the server shows up to its authority. */
function authorityOf({ hostname, port }: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { raw, issuerCertificate } = socket.getPeerCertificate(true)
      const pem = (der: Buffer): string => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
      socket.destroy()
      resolve(`${pem(raw)}${pem(issuerCertificate.raw)}`)
    })
    socket.once('error', reject)
  })
}

const store = (secret: string, keys?: { username: string; password: string }) =>
  kubernetesSecret({ namespace, secret, keys }, { server, token: async () => token, ca }, client.ports)
const data = async (secret: string): Promise<Record<string, string>> =>
  JSON.parse(await kubectl(['-n', namespace, 'get', 'secret', secret, '-o', 'jsonpath={.data}']))

test('a Secret is asked for beforehand, and made by nobody', async () => {
  await store('asked').check()
  await store('asked-plain', { username: 'user', password: 'pass' }).check()
  expect(await kubectl(['-n', namespace, 'get', 'secrets', '-o', 'name'])).toBe('')
  await store('asked').put(login)
  const before = await data('asked')
  await store('asked').check()
  expect(await data('asked')).toEqual(before)
})

test('a Secret is written and changed by an account that may only do that', async () => {
  await store('plain', { username: 'user', password: 'pass' }).put({ ...login, password: 'before' })
  await store('plain', { username: 'user', password: 'pass' }).put(login)
  const kept = Object.entries(await data('plain')).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  expect(Object.fromEntries(kept)).toEqual({ user: login.username, pass: login.password })
})

test('twelve writers of one Secret lose nothing', async () => {
  const names = Array.from({ length: 12 }, (_, place) => `h${place}.example.com`)
  await Promise.all(names.map((registry) => store('pulls').put({ ...login, registry })))
  const { '.dockerconfigjson': settings = '' } = await data('pulls')
  expect(Object.keys(JSON.parse(Buffer.from(settings, 'base64').toString()).auths).toSorted()).toEqual(names.toSorted())
})

test('a Secret of another type, and a place that the account may not see, are refused with why', async () => {
  await expect(store('pulls', { username: 'user', password: 'pass' }).put(login)).rejects.toMatchObject({ code: 'SW-SECRET-STORE-REFUSED' })
  const elsewhere = kubernetesSecret({ namespace: 'default', secret: 'x' }, { server, token: async () => token, ca }, client.ports)
  await expect(elsewhere.put(login)).rejects.toMatchObject({ code: 'SW-SECRET-STORE-DENIED', message: expect.stringContaining('rotator') })
})
