import { factsOrNothing } from '../../io/files.ts'
import type { LayerEntry } from './entries.ts'
import { machineFile } from './machine-file.ts'

/** Of the user `nonroot`, as in distroless images. */
const nonroot = 65_532

/** Where distributions keep the certificates of public authorities, in one file. */
const certificateFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** What programs ask a system for where there is none: users, a name service, `/tmp`, and this machine's certificates of public authorities. */
export async function systemFiles(): Promise<readonly LayerEntry[]> {
  return [...ownFiles(), ...(await certificates())]
}

async function certificates(): Promise<readonly LayerEntry[]> {
  for (const from of certificateFiles) {
    if ((await factsOrNothing(from))?.kind === 'file') return [await machineFile(from, '/etc/ssl/certs/ca-certificates.crt', 0o644)]
  }
  return []
}

function ownFiles(): readonly LayerEntry[] {
  const text = (path: string, lines: readonly string[]): LayerEntry => ({
    kind: 'file',
    path,
    mode: 0o644,
    content: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  })
  return [
    text('etc/passwd', [
      'root:x:0:0:root:/root:/sbin/nologin',
      'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin',
      `nonroot:x:${nonroot}:${nonroot}:nonroot:/home/nonroot:/sbin/nologin`,
    ]),
    text('etc/group', ['root:x:0:', 'nobody:x:65534:', `nonroot:x:${nonroot}:`]),
    // Without it glibc before 2.34 asks no hosts file.
    text('etc/nsswitch.conf', ['passwd: files', 'group: files', 'hosts: files dns']),
    { kind: 'directory', path: 'home/nonroot', mode: 0o700, uid: nonroot, gid: nonroot },
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
  ]
}
