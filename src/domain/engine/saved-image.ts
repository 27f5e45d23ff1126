import { join } from 'node:path'
import { ensureFolder, openRead, writeStream } from '../../io/files.ts'
import { readTar } from '../../io/tar-reader.ts'
import { type Layout, openLayout } from '../oci/layout.ts'
import { engineResult } from './errors.ts'

/** The members of an archive that are those of a layout (image-spec, image-layout.md). */
const member = /^(?:\.\/)?(index\.json|oci-layout|blobs\/sha256\/[0-9a-f]{64})$/

/** Unpacks what `docker image save` wrote; what else is in the archive is left. Blobs are checked when they are read. @throws SW-ENGINE-RESULT */
export async function unpackSaved(archive: string, folder: string, signal: AbortSignal): Promise<Layout> {
  await ensureFolder(join(folder, 'blobs', 'sha256'))
  for await (const { header, body } of readTar(openRead(archive), { entries: 100_000 })) {
    signal.throwIfAborted()
    const [, path] = member.exec(header.path) ?? []
    if (path === undefined || header.type !== 'file') continue
    await writeStream(join(folder, path), body, { size: header.size })
  }
  return openLayout(folder).catch((cause: unknown) => {
    throw engineResult(`Docker saved an archive that holds no OCI layout, as its releases before 25 do.`, {
      hint: 'Update Docker, or use a builder of its own: docker buildx create --use --driver docker-container',
      cause,
    })
  })
}
