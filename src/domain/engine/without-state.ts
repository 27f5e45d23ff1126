import { basename, join } from 'node:path'
import { ensureFolder, factsOrNothing, readBytes, writeNew } from '../../io/files.ts'
import type { DockerfileRequest, Engine } from './request.ts'

/** What runs of ours leave in a workspace: the image of the build before is in it, and the next would hold that. */
const state = '.slipway'

/** Bytes of a Dockerfile, and of a file of patterns. */
const limit = 2 ** 20

/**
 * The request with a Dockerfile whose own ignore file leaves our folder out of the context, behind the patterns of the user's; as it is
 * where no such folder is there. `folder` is private to this run.
 */
export async function withoutState(request: DockerfileRequest, engine: Engine['name'], folder: string): Promise<DockerfileRequest> {
  if ((await factsOrNothing(join(request.context, state))) === undefined) return request
  const place = join(folder, 'dockerfile')
  const file = join(place, basename(request.file))
  await ensureFolder(place, 0o700)
  await writeNew(file, await readBytes(request.file, limit))
  await writeNew(`${file}.dockerignore`, Buffer.concat([await patterns(request, engine), Buffer.from(`\n${state}\n`)]))
  return { ...request, file }
}

/** The first of the files that the engine would read, empty without one. */
async function patterns({ context, file }: DockerfileRequest, engine: Engine['name']): Promise<Buffer> {
  const endings = engine === 'buildah' ? ['containerignore', 'dockerignore'] : ['dockerignore']
  const paths = [...endings.map((ending) => `${file}.${ending}`), ...endings.map((ending) => join(context, `.${ending}`))]
  for (const path of paths) if ((await factsOrNothing(path))?.kind === 'file') return readBytes(path, limit)
  return Buffer.alloc(0)
}
