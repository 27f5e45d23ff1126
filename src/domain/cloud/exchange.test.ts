import { describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { fakeClock } from '../../../test/fakes/clock.ts'
import { type CloudAnswer, startFakeCloud } from '../../../test/fakes/cloud.ts'
import { ask, checkedEndpoint, readAnswer } from './exchange.ts'

const question = { service: 'STS', url: 'https://sts.example/', body: 'token=secret', headers: { authorization: 'Bearer secret' } }

async function asked(...answers: CloudAnswer[]): Promise<{ outcome: unknown; asked: readonly string[] }> {
  await using cloud = await startFakeCloud([() => answers.shift()], { clock: fakeClock() })
  const outcome = await ask(cloud.http, { ...question, nothing: [404] }).catch((thrown: unknown) => thrown)
  return { outcome, asked: cloud.asked }
}

describe('a question to a service that gives out credentials', () => {
  it('has its answer', async () => expect((await asked({ status: 200, body: 'yes' })).outcome).toEqual(Buffer.from('yes')))

  it('may have nothing for an answer', async () => expect((await asked({ status: 404, body: '' })).outcome).toBeUndefined())

  it('is asked again while the service is not well', async () => {
    expect((await asked({ status: 503, body: '' }, { status: 200, body: 'yes' })).outcome).toEqual(Buffer.from('yes'))
  })

  it.each([301, 302, 307, 308])('follows no %s with a credential in hand', async (status) => {
    const { outcome, asked: urls } = await asked({ status, body: '', location: 'https://evil.example/' }, { status: 200, body: 'yes' })
    expect(outcome).toMatchObject({ code: 'SW-CREDENTIAL-KEYLESS', message: expect.stringContaining(`answered ${status}`) })
    expect(urls).toEqual(['POST https://sts.example/'])
  })

  it.each<[string, string | object, string]>([
    ['OAuth’s', { error: 'invalid_client', error_description: 'No match', trace_id: 'x' }, '(invalid_client No match)'],
    ['Google’s', { error: { code: 403, message: 'denied', status: 'PERMISSION_DENIED' } }, '(denied PERMISSION_DENIED)'],
    ['AWS’s JSON', { __type: 'ExpiredTokenException', message: 'expired' }, '(ExpiredTokenException expired)'],
    ['AWS’s XML', '<E><Error><Code>AccessDenied</Code><Message>no</Message></Error></E>', '(AccessDenied no)'],
    ['a registry’s', { errors: [{ code: 'UNAUTHORIZED', message: 'who?' }] }, '(UNAUTHORIZED who?)'],
    ['nobody’s', '', 'answered 403, expected 200'],
    ['a page’s, cut', `<p>${'word '.repeat(1000)}</p>`, '…)'],
  ])('tells a refusal in %s words', async (_, body, words) => {
    const { outcome } = await asked({ status: 403, body })
    expect(outcome).toMatchObject({ message: expect.stringContaining(words) })
    expect(String(outcome).length).toBeLessThan(600)
  })

  it('tells a service that is away from one that refuses', async () => {
    const away = { request: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    await expect(ask(away, question)).rejects.toMatchObject({ message: 'STS at https://sts.example cannot be asked: connect ECONNREFUSED' })
  })
})

describe('an answer', () => {
  const schema = v.object({ token: v.string() })

  it('is read', () => expect(readAnswer('{"token":"x"}', schema, 'STS')).toEqual({ token: 'x' }))

  it.each(['', '{"token":"half-of-a-secr', '{"token":["half-of-a-secret"]}', '[]'])('of another shape is not quoted: %j', (text) => {
    expect(() => readAnswer(text, schema, 'STS')).toThrow(
      /^STS answered with something else than was asked for: (?:token|the document) is missing/,
    )
    expect(() => readAnswer(text, schema, 'STS')).not.toThrow(/half/)
  })
})

describe('the endpoint of a cloud', () => {
  it.each([
    'https://sts.example/',
    'https://vpce-1.sts.example:8443/',
    'http://127.0.0.1:4566',
    'http://localhost:4566/',
    'http://[::1]:80/',
  ])('may be %s', (text) => expect(checkedEndpoint(text, 'X').href).toContain('://'))

  it.each([
    'http://sts.example/',
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'ftp://sts.example/',
    'https://user@sts.example/',
    'https://:x@sts.example/',
    'sts.example',
    '',
    'http://127.0.0.1.evil.example/',
  ])('may not be %j', (text) =>
    expect(() => checkedEndpoint(text, 'AWS_ENDPOINT_URL_STS')).toThrow(/^AWS_ENDPOINT_URL_STS is ".*", expected an https URL\.$/),
  )
})
