import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatReference, isReferenceFault, isRepository, isTag, parseReference } from './reference.ts'

const f64 = `sha256:${'f'.repeat(64)}` as const
const f128 = `sha512:${'f'.repeat(128)}` as const
const a255 = 'a'.repeat(255)

describe('the valid references of distribution/reference that name a registry', () => {
  it.each([
    ['test.com/repo:tag', { registry: 'test.com', repository: 'repo', tag: 'tag' }],
    ['test:5000/repo', { registry: 'test:5000', repository: 'repo' }],
    ['test:5000/repo:tag', { registry: 'test:5000', repository: 'repo', tag: 'tag' }],
    [`test:5000/repo@${f64}`, { registry: 'test:5000', repository: 'repo', digest: f64 }],
    [`test:5000/repo:tag@${f64}`, { registry: 'test:5000', repository: 'repo', tag: 'tag', digest: f64 }],
    ['sub-dom1.foo.com/bar/baz/quux', { registry: 'sub-dom1.foo.com', repository: 'bar/baz/quux' }],
    ['sub-dom1.foo.com/bar/baz/quux:some-long-tag', { registry: 'sub-dom1.foo.com', repository: 'bar/baz/quux', tag: 'some-long-tag' }],
    [
      'b.gcr.io/test.example.com/my-app:test.example.com',
      { registry: 'b.gcr.io', repository: 'test.example.com/my-app', tag: 'test.example.com' },
    ],
    ['xn--n3h.com/myimage:xn--n3h.com', { registry: 'xn--n3h.com', repository: 'myimage', tag: 'xn--n3h.com' }],
    [`xn--7o8h.com/myimage:xn--7o8h.com@${f128}`, { registry: 'xn--7o8h.com', repository: 'myimage', tag: 'xn--7o8h.com', digest: f128 }],
    ['192.168.1.1/repo', { registry: '192.168.1.1', repository: 'repo' }],
    ['192.168.1.1:5000/repo', { registry: '192.168.1.1:5000', repository: 'repo' }],
    ['192.168.1.1:5000/repo:5050', { registry: '192.168.1.1:5000', repository: 'repo', tag: '5050' }],
    ['[2001:db8::1]/repo', { registry: '[2001:db8::1]', repository: 'repo' }],
    ['[2001:db8:1:2:3:4:5:6]/repo:tag', { registry: '[2001:db8:1:2:3:4:5:6]', repository: 'repo', tag: 'tag' }],
    ['[2001:db8::1]:5000/repo', { registry: '[2001:db8::1]:5000', repository: 'repo' }],
    [`[2001:db8::1]:5000/repo:tag@${f64}`, { registry: '[2001:db8::1]:5000', repository: 'repo', tag: 'tag', digest: f64 }],
    ['[2001:db8::]:5000/repo', { registry: '[2001:db8::]:5000', repository: 'repo' }],
    ['[::1]:5000/repo', { registry: '[::1]:5000', repository: 'repo' }],
    [`example.com/${a255}:tag`, { registry: 'example.com', repository: a255, tag: 'tag' }],
    ['localhost/library/debian', { registry: 'localhost', repository: 'library/debian' }],
    ['docker.io/docker---rules/dock__er', { registry: 'docker.io', repository: 'docker---rules/dock__er' }],
    ['registry.example/app:Release_1.0-RC', { registry: 'registry.example', repository: 'app', tag: 'Release_1.0-RC' }],
  ])('%s', (text, reference) => {
    expect(parseReference(text)).toEqual(reference)
    expect(formatReference(reference)).toBe(text)
  })
})

describe('Docker Hub, when it is written', () => {
  it.each([
    ['docker.io/debian:12', 'docker.io/library/debian:12'],
    ['index.docker.io/debian', 'docker.io/library/debian'],
    ['index.docker.io/acme/app', 'docker.io/acme/app'],
  ])('%s is %s', (text, canonical) => {
    const parsed = parseReference(text)
    expect(isReferenceFault(parsed) ? parsed : formatReference(parsed)).toBe(canonical)
  })
})

describe('a name without a registry is refused, with the full name as suggestion', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['test_com', 'docker.io/library/test_com'],
    ['acme/app', 'docker.io/acme/app'],
    [`repo@${f64}`, `docker.io/library/repo@${f64}`],
    ['foo/foo_bar.com:8080', 'docker.io/foo/foo_bar.com:8080'],
    ['Acme/App', 'docker.io/acme/app'],
  ])('%s', (text, suggestion) => expect(parseReference(text)).toEqual({ error: expect.any(String), suggestion }))
})

describe('what is no reference, and why', () => {
  it.each([
    ['', 'is empty'],
    [':justtag', 'names no registry'],
    [`@${f64}`, 'names no registry'],
    ['/app', 'names no registry'],
    ['test.com', 'names a registry but no repository'],
    ['test.com:5000', 'names a registry but no repository'],
    ['localhost:5000', 'names a registry but no repository'],
    ['192.168.1.1:tag', 'names a registry but no repository'],
    ['[2001:db8::1]', 'names no registry'],
    ['[2001:db8::1]:5000', 'names no registry'],
    ['[fe80::1%eth0]:5000/repo', 'has no valid registry'],
    ['[fd00:1:2::3]75050/repo', 'has no valid registry'],
    ['test.com:http/repo', 'has no valid registry'],
    ['test.com:65536/repo', 'has no valid registry'],
    ['test.com:0/repo', 'has no valid registry'],
    ['-ab.com/repo', 'has no valid registry'],
    ['ab-.com/repo', 'has no valid registry'],
    ['ab.-com/repo', 'has no valid registry'],
    ['fc00::1:5000/debian', 'has no valid registry'],
    ['example.com/aa/asdf$$^/aa', 'has the path component "asdf$$^"'],
    ['example.com/dock..er/app', 'has the path component "dock..er"'],
    ['example.com/dock_.er/app', 'has the path component "dock_.er"'],
    ['example.com/_docker', 'has the path component "_docker"'],
    ['example.com/docker-/app', 'has the path component "docker-"'],
    ['example.com/../app', 'has the path component ".."'],
    ['example.com/app\n', 'has the path component "app\\n"'],
    ['example.com/docker///docker', 'has an empty path component'],
    ['example.com/docker/', 'has an empty path component'],
    [`example.com/${a255}a:tag`, 'has a repository longer than 255'],
    [`example.com/${'a/'.repeat(600)}a`, 'is longer than 1024'],
    ['example.com/app:', 'has the tag ""'],
    ['example.com/app:-x', 'has the tag "-x"'],
    [`example.com/app:${'t'.repeat(129)}`, 'has the tag'],
    ['example.com/app@sha256:ffff', 'has a digest that is neither'],
    [`example.com/app@md5:${'f'.repeat(32)}`, 'has a digest that is neither'],
    ['example.com/app@', 'has a digest that is neither'],
  ])('%j %s', (text, error) => expect(parseReference(text)).toEqual({ error: expect.stringContaining(error) }))
})

describe('what was likely meant', () => {
  it.each([
    ['harbor.example.com/Shop/app:1.4', 'upper-case letters in its name', 'harbor.example.com/shop/app:1.4'],
    ['Harbor.example.com/shop/app', 'upper-case letters in its name', 'harbor.example.com/shop/app'],
    ['https://github.com/docker/docker', 'begins with "https://"', 'github.com/docker/docker'],
    ['docker://Example.com/app', 'begins with "docker://"', 'example.com/app'],
    [`example.com/app@sha256:${f64}`, 'repeats the digest algorithm', `example.com/app@${f64}`],
    [`example.com/app@sha256:${'F'.repeat(64)}`, 'upper-case letters in its digest', `example.com/app@${f64}`],
  ])('%s', (text, error, suggestion) => expect(parseReference(text)).toEqual({ error: expect.stringContaining(error), suggestion }))

  it.each(['https://bob:hunter2@example.com/app', 'bob:hunter2@example.com:5000/app'])(
    'a password is not repeated in the message: %s',
    (text) => {
      const fault = parseReference(text)
      expect(fault).toEqual({ error: expect.stringContaining('password does not belong here') })
      expect(JSON.stringify(fault)).not.toContain('hunter2')
    },
  )
})

describe('properties', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/)
  const registry = fc.constantFrom('localhost', 'a.b', 'host:1', '10.0.0.1:65535', '[::1]:80', 'ghcr.io')
  const reference = fc.record(
    {
      registry,
      repository: fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^\w[\w.-]{0,127}$/),
      digest: fc.constantFrom(f64, f128),
    },
    { requiredKeys: ['registry', 'repository'] },
  )

  it('formatted and read again, a reference is the same', () => {
    fc.assert(fc.property(reference, (written) => expect(parseReference(formatReference(written))).toEqual(written)))
  })

  it('any text gives a reference that formats to a fixed point, or a fault whose suggestion is a reference', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[A-Za-z0-9./:@_-]{0,60}$/),
      reference.map((written) => formatReference(written).toUpperCase()),
    )
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseReference(input)
        const canonical = isReferenceFault(parsed) ? parsed.suggestion : formatReference(parsed)
        if (canonical === undefined) return
        const again = parseReference(canonical)
        expect(isReferenceFault(again) ? again : formatReference(again)).toBe(canonical)
      }),
    )
  })
})

describe('parts', () => {
  it.each([
    ['a/b', true],
    ['noslash', true],
    ['', false],
    ['a//b', false],
    ['..', false],
    ['a/../b', false],
    ['A', false],
  ])('isRepository(%j) is %s', (text, valid) => expect(isRepository(text)).toBe(valid))

  it.each([
    ['latest', true],
    ['_x', true],
    ['.x', false],
    ['a/b', false],
    ['', false],
  ])('isTag(%j) is %s', (text, valid) => expect(isTag(text)).toBe(valid))
})
