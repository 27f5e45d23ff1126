import { join } from 'node:path'
import { readBytes } from '../../io/files.ts'
import type { Git } from '../git/git.ts'

/** An object of git's, as it is kept. */
export interface GitObject {
  readonly hash: string
  readonly type: 'commit' | 'tree' | 'blob' | 'tag'
  readonly bytes: Buffer
}

/** In bytes: of all that is read at once. */
const mostBytes = 64 * 2 ** 20
const newline = 0x0a

/** Objects by their names (gitrevisions(7)), in one process; undefined where there is none. */
export async function readObjects(git: Git, names: readonly string[]): Promise<readonly (GitObject | undefined)[]> {
  const file = join(git.settings.folder, '.slipway-objects')
  // Of all ways to a file's bytes this is one without filters, and without a terminal's idea of text.
  await git.feed({ stdin: `${names.join('\n')}\n`, stdoutFile: file }, 'cat-file', '--batch')
  const bytes = await readBytes(file, mostBytes)
  let at = 0
  return names.map(() => {
    const end = bytes.indexOf(newline, at)
    const head = bytes.toString('utf8', at, end < 0 ? bytes.length : end)
    const [, hash = '', type = '', size = ''] = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d{1,15})$/.exec(head) ?? []
    at = end + 1
    if (!isType(type)) return undefined
    const start = at
    at += Number(size) + 1
    return { hash, type, bytes: bytes.subarray(start, at - 1) }
  })
}

function isType(text: string): text is GitObject['type'] {
  return text === 'commit' || text === 'tree' || text === 'blob' || text === 'tag'
}

/** The mode of an entry of a tree (`100644`, `120000`); undefined where there is none of that name. */
export function modeIn(tree: GitObject, name: string): string | undefined {
  const { bytes } = tree
  const wanted = Buffer.from(name)
  // SHA-1 or SHA-256, raw behind each name.
  const hashLength = tree.hash.length / 2
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const end = bytes.indexOf(0, space)
    if (space < 0 || end < 0) return undefined
    if (bytes.subarray(space + 1, end).equals(wanted)) return bytes.toString('latin1', at, space).padStart(6, '0')
    at = end + 1 + hashLength
  }
  return undefined
}
