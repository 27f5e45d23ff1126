import { factsOrNothing, stampOf } from '../../io/files.ts'
import type { LayerEntry } from './entries.ts'
import { baseMissing } from './errors.ts'

/** A file of the machine at a place (absolute) of the image. Symbolic links are followed: the file is what the image needs. */
export async function machineFile(from: string, to: string, mode = 0o755): Promise<LayerEntry> {
  const found = await factsOrNothing(from)
  if (found?.kind !== 'file') throw baseMissing(`${from} is not there any more.`)
  return { kind: 'file', path: to.replace(/^\/+/, ''), mode, content: { from, size: found.size, stamp: stampOf(found) } }
}
