import { expect, test } from '@jest/globals'
import { barePurl, type PurlParts, purlOf } from './purl.ts'

// After the test suite of the purl specification (package-url/purl-spec, tests/).
test.each<[string, PurlParts]>([
  ['pkg:npm/%40angular/animation@12.3.1', { type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' }],
  [
    'pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie',
    { type: 'deb', namespace: 'debian', name: 'curl', version: '7.50.3-1', qualifiers: { distro: 'jessie', arch: 'i386' } },
  ],
  [
    'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=source',
    { type: 'deb', namespace: 'debian', name: 'attr', version: '1:2.4.47-2+b1', qualifiers: { arch: 'source' } },
  ],
  [
    'pkg:golang/google.golang.org/genproto@abcdedf',
    { type: 'golang', namespace: 'google.golang.org', name: 'genproto', version: 'abcdedf' },
  ],
  ['pkg:maven/org.apache.commons/io@1.3.4', { type: 'maven', namespace: 'org.apache.commons', name: 'io', version: '1.3.4' }],
  ['pkg:pypi/django@1.11.1', { type: 'pypi', name: 'django', version: '1.11.1', qualifiers: { none: undefined, empty: '' } }],
  ['pkg:gem/ruby-advisory-db-check@0.12.4', { type: 'gem', name: 'ruby-advisory-db-check', version: '0.12.4' }],
  ['pkg:npm/a%0D%0Ab%3Fc%23d%2Fe', { type: 'npm', name: 'a\r\nb?c#d/e' }],
  ['pkg:generic/%28x%29%2A%21%27@%EF%BF%BD', { type: 'generic', name: "(x)*!'", version: '\ud800' }],
])('%s', (purl, parts) => {
  expect(purlOf(parts)).toBe(purl)
})

test.each([
  ['pkg:deb/debian/curl@7?arch=i386', 'pkg:deb/debian/curl@7'],
  ['pkg:npm/a@1#sub/path', 'pkg:npm/a@1'],
  ['pkg:npm/a@1', 'pkg:npm/a@1'],
])('%s without qualifiers is %s', (purl, bare) => {
  expect(barePurl(purl)).toBe(bare)
})
