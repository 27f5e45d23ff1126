import { isReferenceFault, parseReference } from '../../base/reference.ts'
import type { Resource } from './resource.ts'

interface Named {
  readonly where: string
  readonly image: string
}

/**
 * Every image of a resource that lacks a tag or a digest, as `where: image`. An image that is a parameter's whole value is
 * the caller's choice; what that parameter is by default is ours.
 */
export function unpinnedImages({ spec }: Resource): readonly string[] {
  return imagesIn(spec, 'spec')
    .flatMap((named) => (isParameter(named.image) ? defaultOf(named, spec) : [named]))
    .filter(({ image }) => !isPinned(image))
    .map(({ where, image }) => `${where}: ${image}`)
}

/** Under whatever a step, a sidecar or a template may lie; parameters and results only describe. */
function imagesIn(value: unknown, where: string): readonly Named[] {
  if (Array.isArray(value)) return value.flatMap((item, place) => imagesIn(item, `${where}[${place}]`))
  return Object.entries(fieldsOf(value)).flatMap(([field, inner]) => {
    if (field === 'params' || field === 'results') return []
    if (field === 'image' && typeof inner === 'string') return [{ where: `${where}.image`, image: inner }]
    return imagesIn(inner, `${where}.${field}`)
  })
}

function defaultOf({ where, image }: Named, spec: Resource['spec']): readonly Named[] {
  const params: readonly unknown[] = Array.isArray(spec['params']) ? spec['params'] : []
  return params.flatMap((param) => {
    const { name, default: given } = fieldsOf(param)
    return image === `$(params.${String(name)})` && typeof given === 'string' && given !== ''
      ? [{ where: `${where} by default`, image: given }]
      : []
  })
}

function isParameter(image: string): boolean {
  return /^\$\(params\.[\w.-]+\)$/.test(image)
}

function isPinned(image: string): boolean {
  const parsed = parseReference(image)
  return !isReferenceFault(parsed) && parsed.tag !== undefined && parsed.digest !== undefined
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
