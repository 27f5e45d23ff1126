import type { Told } from '../cataloguer.ts'
import type { LockFile } from './lock-file.ts'

/** What a lock file of this content tells; anything but a text is written as JSON. */
export async function toldBy(lockFile: LockFile, path: string, content: string | object): Promise<Told> {
  if (!lockFile.wants(path)) throw new Error(`${path} is not wanted`)
  return lockFile.read(path, piecesOf(typeof content === 'string' ? content : JSON.stringify(content)))
}

async function* piecesOf(text: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}
