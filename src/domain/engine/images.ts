import type { Instruction, ModifiableInstruction } from 'dockerfile-ast'
import { isReferenceFault, parseReference, type Reference } from '../../base/reference.ts'
import type { Stage } from './stages.ts'

/** What a build reads besides its Dockerfile's stages. */
export interface Sources {
  /** The Dockerfile's text, for its `# syntax=`. */
  readonly text: string
  /** As `cache-from` and `cache-to` have them. */
  readonly caches: readonly string[]
  /** What makes the SBOM. */
  readonly generator?: string | undefined
}

/**
 * Every image at a registry that a build names: bases, what COPY and RUN mount from, BuildKit's frontend and scanner, caches; each once. Stages,
 * scratch and names without a registry are none.
 */
export function imagesNamed(stages: readonly Stage[], { text, caches, generator }: Sources): readonly Reference[] {
  const names = new Set([
    ...stages.flatMap(({ image, parent }) => (image === undefined || parent !== undefined ? [] : [image])),
    ...stages.flatMap(({ instructions }) => instructions.flatMap(mountedBy)),
    ...frontend(text),
    ...caches.flatMap(repositoryOf),
    ...(generator === undefined ? [] : [generator]),
  ])
  return [...names].flatMap((name) => {
    const reference = parseReference(name)
    return isReferenceFault(reference) ? [] : [reference]
  })
}

/** `COPY --from=IMAGE`, `RUN --mount=type=bind,from=IMAGE,…`. */
function mountedBy(instruction: Instruction): readonly string[] {
  const keyword = instruction.getKeyword()
  if (keyword !== 'COPY' && keyword !== 'RUN') return []
  return (instruction as ModifiableInstruction).getFlags().flatMap((flag) => {
    const value = flag.getValue() ?? ''
    if (flag.getName() === 'from') return [value]
    return flag.getName() === 'mount' ? fieldOf(value, 'from') : []
  })
}

/** Parser directives are comments at the very top (Dockerfile reference, §Parser directives). */
function frontend(text: string): readonly string[] {
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*#\s*(\w+)\s*=\s*(\S+)/.exec(line) ?? []
    if (name === undefined) return []
    if (name.toLowerCase() === 'syntax') return [value]
  }
  return []
}

/** buildah has repositories, buildx `type=registry,ref=REPOSITORY` too. */
function repositoryOf(cache: string): readonly string[] {
  if (!cache.includes('=')) return [cache]
  return fieldOf(cache, 'type').includes('registry') ? fieldOf(cache, 'ref') : []
}

function fieldOf(text: string, name: string): readonly string[] {
  return text.split(',').flatMap((field) => (field.startsWith(`${name}=`) ? [field.slice(name.length + 1)] : []))
}
