import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, isDigest } from '../../../base/digest.ts'
import type { Package } from '../../packages/package.ts'
import type { Target } from './subjects.ts'

/** A report as the scanner wrote it: of an image with libssl3 and libc6 of Debian, lodash and @babel/core. */
export function recorded(name: 'trivy' | 'grype' | 'osv-scanner' | 'harbor'): object {
  const value: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'))
  if (typeof value !== 'object' || value === null) throw new Error(`no report: ${name}`)
  return value
}

/** A digest by its first letters; the rest are zeros. */
export function digestOf(letters: string): Digest {
  const digest = `sha256:${letters.padEnd(64, '0')}`
  if (!isDigest(digest)) throw new Error(digest)
  return digest
}

/** The image that trivy, grype and osv-scanner looked at. */
export const manifest: Digest = 'sha256:8dfa11dcbc92fb3dc4bfac446b14784df8e3907963115d1325f2314d476fc04f'
const config: Digest = 'sha256:286a744d7ea00efae2c81b8be685d92abb1f88b07514cdb942762adda808a19b'
/** Its layers by their uncompressed digests. */
export const layers: ReadonlyMap<Digest, Digest> = new Map([
  [
    'sha256:eb17b9d09afb5ee22be7973cf26de23ba79d964600551d5689a7b4e57fab2a5e',
    'sha256:2bbea529af020788c23d2c0c5cd12bc115a196de68c5dfacd2673bd8c456a5f4',
  ],
  [
    'sha256:25abeb8239af88e7d57469fce0eea86b0bc11c4ede5ac71c1d6b29cc52d9d213',
    'sha256:32d4544e4b164f7049f8fa43df7d9b9b410bcd8e438ece901a92b8bdff317bfd',
  ],
])
const [system, app] = [...layers.values()]

const libssl: Package = {
  ...{ type: 'deb', name: 'libssl3', version: '3.0.11-1~deb12u2', licenses: [], arch: 'amd64' },
  purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
  locations: [{ path: 'var/lib/dpkg/status', ...(system === undefined ? {} : { layer: system }) }],
}
const libc: Package = {
  ...{ type: 'deb', name: 'libc6', version: '2.36-9+deb12u3', licenses: [], arch: 'amd64' },
  purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u3?arch=amd64&distro=debian-12&upstream=glibc',
  locations: [{ path: 'var/lib/dpkg/status', ...(system === undefined ? {} : { layer: system }) }],
}
const lodash: Package = {
  ...{ type: 'npm', name: 'lodash', version: '4.17.20', licenses: [], purl: 'pkg:npm/lodash@4.17.20' },
  locations: [{ path: 'app/node_modules/lodash/package.json', ...(app === undefined ? {} : { layer: app }) }],
}

/** That image as a scan knows it; what is given replaces. */
export function target(given: Partial<Target> = {}): Target {
  return {
    ...{ subject: { digest: manifest, platform: 'linux/amd64' }, config, layers },
    inventory: { packages: [libc, libssl, lodash], unscannable: [] },
    ...given,
  }
}
