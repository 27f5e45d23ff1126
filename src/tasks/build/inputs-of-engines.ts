import { kebab } from '../../base/names.ts'
import { engineInput } from '../../domain/engine/errors.ts'
import type { InputOf } from '../../spec/define.ts'
import { task } from './task.ts'
import type { Way } from './way.ts'

type Input = InputOf<typeof task>
type Name = keyof Input

/** What a native build has, and a Dockerfile says itself. */
const native = [
  ...[
    'base',
    'baseLayers',
    'pushTo',
    'plan',
    'explain',
    'layers',
    'programs',
    'entrypoint',
    'cmd',
    'env',
    'workdir',
    'user',
    'allowRoot',
    'ports',
    'stopSignal',
    'cache',
    'cacheLimit',
  ],
] as const satisfies readonly Name[]

/** What only the build of a Dockerfile has. */
const dockerfile = [
  ...[
    'builder',
    'file',
    'target',
    'buildArgs',
    'secrets',
    'secretFiles',
    'network',
    'cacheFrom',
    'cacheTo',
    'provenance',
    'sbom',
    'sbomGenerator',
    'timeout',
  ],
] as const satisfies readonly Name[]

/** What only a chart has. */
const chart = ['chartVersion', 'appVersion'] as const satisfies readonly Name[]

const foreign: Readonly<Record<Way['kind'], readonly Name[]>> = {
  native: [...dockerfile, ...chart, 'exitCode'],
  dockerfile: [...native, ...chart, 'exitCode'],
  // The image is made already: what would have changed it comes too late.
  layout: [...native, ...dockerfile, ...chart, 'labels', 'platforms', 'sourceDateEpoch'],
  // It has no layers of files: an archive, as Helm packs one.
  chart: [...native, ...dockerfile, 'exitCode', 'labels', 'platforms', 'compression', 'level'],
}

/** What is set and would have no effect is refused: nobody would notice that it is missing in the image. @throws SW-ENGINE-INPUT */
export function refuseInputs(input: Input, kind: Way['kind'], engine: string): void {
  const set = foreign[kind].filter((name) => isSet(name, input[name]))
  if (set.length === 0) return
  const names = set.map((name) => kebab(name)).join(', ')
  throw engineInput(`${names} ${set.length === 1 ? 'is' : 'are'} set, and the engine is ${engine}, which has no such input.`, {
    hint: kind === 'dockerfile' ? 'Say it in the Dockerfile, or set engine: native.' : `Remove ${names}.`,
  })
}

function isSet(name: Name, value: unknown): boolean {
  if (value === undefined) return false
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== Reflect.get(task.inputs[name].options, 'default')
}
