import { describe, expect, it } from '@jest/globals'
import { applicationUrl, serverOf } from './server.ts'

describe('the address of an Argo CD', () => {
  it.each([
    ['argocd.example.com', 'https://argocd.example.com'],
    ['https://argocd.example.com/', 'https://argocd.example.com'],
    ['https://example.com:8443/tools/argocd/', 'https://example.com:8443/tools/argocd'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://argocd-server.argocd.svc', 'http://argocd-server.argocd.svc'],
  ])('%s', (text, base) => {
    expect(serverOf(text, ['argocd-server.argocd.svc']).base).toBe(base)
  })

  it.each([
    ['http://argocd.example.com', 'it is plain http'],
    ['ftp://argocd.example.com', 'its scheme is ftp:'],
    ['https://', 'it is no address'],
    ['https://argocd.example.com?x=1', 'a query or a fragment'],
    ['https://argocd.example.com#/apps', 'a query or a fragment'],
  ])('is not %s', (text, why) => {
    expect(() => serverOf(text)).toThrow(why)
  })

  it('holds no password, and does not tell one', () => {
    expect(() => serverOf('https://me:s3cret@argocd.example.com')).toThrow(/user name or a password/)
    for (const text of ['https://me:s3cret@argocd.example.com', 'https://me:s3cret@argocd.example.com:99999', 'me:s3cret@[argocd'])
      expect(() => serverOf(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('s3cret') }))
  })
})

it('an application’s page is below it', () => {
  const server = serverOf('https://example.com/argo')
  expect(applicationUrl(server, { namespace: 'argocd', name: 'web' })).toBe('https://example.com/argo/applications/argocd/web')
  expect(applicationUrl(server, { namespace: '', name: 'a/b' })).toBe('https://example.com/argo/applications/a%2Fb')
})
