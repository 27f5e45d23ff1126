import { expect, test } from '@jest/globals'
import { simpleSigningPayload } from './simple-signing.ts'
import { signatureStatement } from './statement.ts'

const digest = `sha256:${'ab'.repeat(32)}` as const

test('annotations are signed under the .sig tag as Go writes them: by name, and three letters escaped', () => {
  expect(simpleSigningPayload('r.test/app', digest, { b: 'x&<y>', a: '1' }).toString()).toBe(
    `{"critical":{"identity":{"docker-reference":"r.test/app"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":{"a":"1","b":"x\\u0026\\u003cy\\u003e"}}`,
  )
  expect(simpleSigningPayload('r.test/app', digest).toString()).toMatch(/"optional":null}$/)
})

test('in a bundle they are with the subject', () => {
  expect(JSON.parse(signatureStatement(digest, { b: '2', a: '1' }).toString()).subject).toEqual([
    { digest: { sha256: 'ab'.repeat(32) }, annotations: { a: '1', b: '2' } },
  ])
  expect(JSON.parse(signatureStatement(digest).toString()).subject).toEqual([{ digest: { sha256: 'ab'.repeat(32) } }])
})
