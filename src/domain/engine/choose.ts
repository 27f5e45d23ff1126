import { findBuildah } from './buildah.ts'
import { findBuildx } from './buildx.ts'
import { engineInput, engineMissing } from './errors.ts'
import type { Absent, Engine, EnginePorts } from './request.ts'

/** The engines that build Dockerfiles, the one that `auto` prefers first; `builder` is one of buildx. */
const finders: Readonly<Record<Engine['name'], (ports: EnginePorts, builder?: string) => Promise<Engine | Absent>>> = {
  buildx: findBuildx,
  buildah: (ports) => findBuildah(ports),
}

export interface ChosenEngine {
  readonly engine: Engine
  /** In a few words, for the log, the summary and the record. */
  readonly why: string
}

/** The engine asked for, else buildx where Docker answers, else buildah; who names a builder asks for buildx. @throws SW-ENGINE-MISSING, SW-ENGINE-INPUT */
export async function chooseEngine(asked: Engine['name'] | 'auto', ports: EnginePorts, builder?: string): Promise<ChosenEngine> {
  if (builder !== undefined) return { engine: await requireBuilder(asked, builder, ports), why: `its builder ${builder} is asked for` }
  if (asked !== 'auto') return { engine: await requireEngine(asked, ports), why: 'as asked' }
  const buildx = await finders.buildx(ports)
  if ('build' in buildx) return { engine: buildx, why: 'there is a Dockerfile, and Docker with buildx answers' }
  const buildah = await finders.buildah(ports)
  if ('build' in buildah) return { engine: buildah, why: `there is a Dockerfile; no buildx: ${buildx.absent}` }
  throw engineMissing(`There is a Dockerfile, and nothing here that builds it: ${buildx.absent}; ${buildah.absent}.`, {
    hint: 'apt-get install buildah; or start Docker; or set engine: native to build from the files without the Dockerfile.',
  })
}

async function requireBuilder(asked: Engine['name'] | 'auto', builder: string, ports: EnginePorts): Promise<Engine> {
  if (asked !== 'buildah') return requireEngine('buildx', ports, builder)
  throw engineInput(`builder is ${builder}, and the engine is buildah, which has no builders.`, { hint: 'Set engine: buildx.' })
}

async function requireEngine(name: Engine['name'], ports: EnginePorts, builder?: string): Promise<Engine> {
  const found = await finders[name](ports, builder)
  if ('build' in found) return found
  throw engineMissing(`engine is ${name}, and it cannot be used: ${found.absent}.`, {
    hint:
      name === 'buildah'
        ? 'apt-get install buildah'
        : `Start Docker and see that this answers: docker buildx inspect${builder === undefined ? '' : ` ${builder}`}`,
  })
}
