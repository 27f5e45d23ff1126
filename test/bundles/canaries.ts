import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { generateKeys } from '../../src/domain/sigstore/keys/generate.ts'
import { unsignedJwt } from '../fakes/cloud.ts'
import { newFolder } from '../models/folders.ts'

/** Accounts whose passwords are canaries. */
export const [robot, admin] = ['robot$ci', 'admin']

/** Secrets that a user gives, by what they are. */
export const secrets = {
  registry: 'canary Registry+Pässword/1 %41',
  key: 'canary key-password $(HOME) "2"',
  source: 'canary_source_password_3',
  build: 'canary_of_the_build_5',
  harbor: 'canary Harbor-6 &<é>',
  webhook: 'canary Bearer-of-a-webhook/7',
  argocd: 'canary Argo-CD-8 "9"',
  argocdToken: unsignedJwt({ iss: 'argocd', sub: 'canary-of-argocd-9' }),
  proxy: 'canary-of-the-proxy-10',
  forge: 'ghp_canary_of_the_forge_11',
  git: 'glpat-canary_of_git_12',
} as const

export const key = generateKeys('p256', secrets.key)
export const token = unsignedJwt({ aud: 'sigstore', exp: 4_000_000_000, sub: 'canary-of-the-token-4', email: 'canary@example.com' })
/** A private key in the format of OpenSSH, without a passphrase. */
export const sshKey = makeSshKey()

/** What must be nowhere, by what it is. */
export const canaries: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [`the secret ${name}`, secret])),
  'the private key': longLine(key.privateKey),
  'the SSH key': longLine(sshKey),
  'the identity token': token,
  'the claims of the identity token': token.split('.')[1] ?? '',
}

/** The names of all that a text holds, in whichever form. */
export function foundIn(text: string): readonly string[] {
  return Object.entries(canaries).flatMap(([name, secret]) => (formsOf(secret).some((form) => text.includes(form)) ? [name] : []))
}

export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const accounts = [robot, admin].map((username) => Buffer.from(`${username}:${secret}`).toString('base64'))
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...accounts,
  ]
}

/** All files of a folder as text, whatever they hold; layers as they are unpacked. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [textOf(readFileSync(join(entry.parentPath, entry.name)))] : [],
  )
}

function textOf(bytes: Buffer): string {
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}

function longLine(pem: string): string {
  const line = pem.split('\n').find((one) => one.length > 40 && !one.startsWith('-'))
  if (line === undefined) throw new Error('a private key has a line of base64')
  return line
}

function makeSshKey(): string {
  const file = join(newFolder(), 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ci@example.com', '-f', file])
  return readFileSync(file, 'utf8')
}
