import { join } from 'node:path'
import { factsOrNothing } from '../../io/files.ts'
import { dockerfileMissing } from './errors.ts'

/** Names that a build file has by custom, the first that is there. */
const customary = ['Dockerfile', 'Containerfile'] as const

/** The Dockerfile that a context brings; undefined when it has none, or is no folder. */
export async function dockerfileIn(context: string): Promise<string | undefined> {
  for (const name of customary) {
    const path = join(context, name)
    if ((await factsOrNothing(path))?.kind === 'file') return path
  }
  return undefined
}

/** The Dockerfile given, else that of the context. @throws SW-DOCKERFILE-MISSING */
export async function requireDockerfile(context: string, file: string | undefined): Promise<string> {
  const path = file ?? (await dockerfileIn(context))
  if (path === undefined) throw dockerfileMissing(`${context} has neither ${customary.join(' nor ')}.`)
  const kind = (await factsOrNothing(path))?.kind
  if (kind === 'file') return path
  throw dockerfileMissing(`${path} is ${kind === undefined ? 'not there' : `a ${kind}`}, expected a Dockerfile.`)
}
