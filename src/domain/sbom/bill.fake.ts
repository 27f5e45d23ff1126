import { sha256 } from '../../base/digest.ts'
import type { Inventory, Package } from '../packages/package.ts'
import { type Bill, imageSubject } from './bill.ts'

export const distro = { id: 'debian', version: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' }

/** Packages of all sorts, with names that mean harm. */
export const libc: Package = {
  type: 'deb',
  name: 'libc6',
  version: '1:2.36-9+deb12u13',
  purl: 'pkg:deb/debian/libc6@1:2.36-9%2Bdeb12u13?arch=amd64&distro=debian-12&upstream=glibc',
  source: { name: 'glibc', version: '1:2.36-9+deb12u13' },
  distro,
  arch: 'amd64',
  licenses: [],
  locations: [{ path: 'var/lib/dpkg/status', layer: sha256('one') }],
}
export const scoped: Package = {
  type: 'npm',
  namespace: '@s',
  name: 'b',
  version: '1',
  purl: 'pkg:npm/%40s/b@1',
  licenses: ['MIT'],
  locations: [{ path: 'b/package.json' }],
}
export const plain: Package = {
  type: 'npm',
  name: 'a\r\n::error::',
  version: '1',
  purl: 'pkg:npm/a%0D%0A::error::@1',
  licenses: ['(MIT OR Apache-2.0)'],
  locations: [{ path: 'a/package.json', layer: sha256('two') }, { path: 'c/package.json' }],
  hashes: [{ algorithm: 'SHA-1', hex: 'a'.repeat(40) }],
  dependsOn: ['pkg:npm/%40s/b@1'],
}
export const jar: Package = {
  type: 'maven',
  namespace: 'org.acme',
  name: 'lib',
  version: '2.0',
  purl: 'pkg:maven/org.acme/lib@2.0',
  licenses: ['Beerware, revision 42', 'Apache-2.0', 'MIT OR ISC'],
  locations: [{ path: 'app.war!/WEB-INF/lib/lib-2.0.jar', layer: sha256('two') }],
  hashes: [{ algorithm: 'SHA-1', hex: 'b'.repeat(40) }],
}

/** In the order of an inventory. */
export const whole: Inventory = { packages: [libc, jar, scoped, plain], distro, unscannable: [] }

/** An image with these packages. */
export function billOf(inventory: Inventory, more: Partial<Bill> = {}): Bill {
  const facts = {
    digest: sha256('image'),
    sha512: 'c'.repeat(128),
    name: 'App',
    repository: 'r.example.com/team/App',
    platform: 'linux/arm64',
    architecture: 'arm64',
  }
  return { subject: imageSubject(facts), inventory, created: '2026-01-02T03:04:05Z', toolVersion: '1.2.3', ...more }
}
