import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../test/fakes/ports.ts'
import { generateKeys } from '../domain/sigstore/keys/generate.ts'
import { openedOnce } from '../domain/sigstore/keys/opened.ts'
import type { Ports } from '../spec/ports.ts'
import { tasks } from '../tasks/registry.ts'
import { openKeysAhead } from './keys-ahead.ts'

const password = 'canary-password'
const { privateKey: pem } = generateKeys('p256', password)
const reference = 'env://COSIGN_PRIVATE_KEY'
const digest = `sha256:${'0'.repeat(64)}`

/** Opens ahead for one step; says which texts were hidden, what was told, and whether the key is open when its step comes. */
async function ahead(name: string, given: Readonly<Record<string, string>>) {
  const { ports, recorded } = fakePorts({ environment: { COSIGN_PRIVATE_KEY: pem, COSIGN_PASSWORD: 'of-somebody-else' } })
  const http: Ports['http'] = { ...ports.http, request: () => Promise.reject(new Error('nobody is asked ahead')) }
  const task = tasks.find(({ definition }) => definition.name === name)
  if (task === undefined) throw new Error(`no task ${name}`)
  const inputs = new Map(Object.entries({ image: `r.example/app@${digest}`, ...given }))
  await openKeysAhead([{ task, inputs }], { ports: () => ({ ...ports, http }) })
  const { masked, lines } = recorded
  const opened = openedOnce(http, { pem, password, where: 'COSIGN_PRIVATE_KEY' }).then(() => 'open')
  // What is open already comes before whatever else is there.
  const isOpen = (await Promise.race([opened.catch(() => 'wrong'), new Promise((resolve) => setImmediate(resolve, 'closed'))])) === 'open'
  return { masked, lines, isOpen }
}

describe('before its step begins', () => {
  test.each(['sign', 'attest'])('the key of %s is open, and hidden with its password', async (name) => {
    const { isOpen, masked } = await ahead(name, { key: reference, 'key-password': password })
    expect([isOpen, masked]).toEqual([true, [pem, password]])
  })

  test.each<[string, string, Record<string, string>]>([
    ['a password that is wrong', 'sign', { key: reference, 'key-password': 'wrong' }],
    ['a key that is not there', 'sign', { key: 'nothing.key', 'key-password': password }],
    ['a key that stays in its service', 'sign', { key: 'hashivault://app' }],
    ['a reference that means nothing', 'sign', { key: 'awskms:///key' }],
    ['inputs that are at fault', 'sign', { key: reference, 'key-password': password, format: 'none' }],
    ['no key', 'sign', {}],
    ['the key that a verification is by', 'verify', { key: reference }],
  ])('%s says nothing, asks nobody and opens nothing', async (_, name, given) => {
    const { isOpen, lines } = await ahead(name, given)
    expect([isOpen, lines]).toEqual([false, []])
  })

  test('a mistake of ours is none of its own: nobody waits who could hear of it', async () => {
    const task = tasks.find(({ definition }) => definition.name === 'sign')
    if (task === undefined) throw new Error('no task sign')
    const step = { task, inputs: new Map(Object.entries({ image: `r.example/app@${digest}`, key: reference })) }
    let asked = 0
    const ports = (): Ports => {
      asked += 1
      throw new Error('no ports')
    }
    await expect(openKeysAhead([step], { ports })).resolves.toBeUndefined()
    expect(asked).toBe(1)
  })
})
