import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { newFolder } from '../models/folders.ts'

/** A new folder with files, by path. */
export function workspaceWith(files: Readonly<Record<string, string>>): string {
  const folder = newFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** So many characters, always the same, of which compression makes three quarters at most. */
export function noise(length: number): string {
  const pieces = Array.from({ length: Math.ceil(length / 44) }, (_, at) => createHash('sha256').update(String(at)).digest('base64'))
  return pieces.join('').slice(0, length)
}

/** Another folder with the same files. */
export function copyOf(folder: string): string {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** A commit of a repository, as far as its checkout tells. */
export const checkout = {
  '.git/HEAD': `${'c'.repeat(40)}\n`,
  '.git/config': '[remote "origin"]\n\turl = https://github.com/acme/app.git\n',
}

export function recordIn(workspace: string): string {
  return readFileSync(join(workspace, '.slipway', 'record.json'), 'utf8')
}

interface Config {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
}

interface Image {
  readonly digest: string
  readonly annotations: unknown
  readonly config: Config
  /** Their digests. */
  readonly layers: readonly string[]
}

/** What a layout's only image says of itself, read without any code of ours. */
export function imageIn(layout: string): Image {
  const blob = (digest: string) => JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'))
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'))
  const { digest } = manifests[0]
  const { annotations, config, layers } = blob(digest)
  return { digest, annotations, config: blob(config.digest).config, layers: layers.map((layer: { digest: string }) => layer.digest) }
}
