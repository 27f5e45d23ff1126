import { type Address, describeAddress, type MarkerAddress, type Part } from './address.ts'
import { gitopsTarget } from './errors.ts'
import { parseMarker } from './marker.ts'

/** A file of the repository and the place in it. */
export interface Target {
  /** Relative to the root of the repository, with `/`. */
  readonly file: string
  readonly address: Address | MarkerAddress
  /** As it was given, a space between its parts: commits are known again by it. */
  readonly text: string
}

const parts: readonly Part[] = ['reference', 'version', 'repository', 'tag', 'digest']
const forms = {
  kustomize: 'kustomize FILE NAME',
  helm: 'helm FILE PATH',
  manifest: 'manifest FILE KIND/[NAMESPACE/]NAME/CONTAINER',
  pointer: 'pointer FILE /PATH [reference|version|repository|tag|digest]',
  marker: 'marker FILE [reference|version|repository|tag|digest] LINE WITH {image}',
} as const

/** Reads a target: its kind, the file and the place, apart by spaces. `helm apps/web/values.yaml image`. @throws SW-GITOPS-TARGET */
export function parseTarget(text: string): Target {
  const [kind = '', file = '', ...rest] = text.trim().split(/\s+/)
  // What a marker looks for may have any number of spaces.
  const place = kind === 'marker' ? text.trim().replace(/^\S+\s+\S+\s*/, '') : rest.join(' ')
  const address = addressOf(kind, rest, place)
  if (address === undefined)
    throw refused(
      text,
      Object.hasOwn(forms, kind) ? `expected ${forms[kind as keyof typeof forms]}` : `expected one of ${Object.values(forms).join('; ')}`,
    )
  if (file.startsWith('/') || file.split('/').some((part) => /^(?:|\.|\.\.|\.git)$/i.test(part)))
    throw refused(text, 'expected a file by its path from the root of the repository')
  return { file, address, text: `${kind} ${file} ${place}` }
}

/** For people: `apps/web/values.yaml: image`. */
export function describeTarget({ file, address }: Target): string {
  return `${file}: ${address.kind === 'marker' ? address.marker.pattern : describeAddress(address)}`
}

function addressOf(kind: string, rest: readonly string[], place: string): Target['address'] | undefined {
  const [first, second, ...more] = rest
  if (first === undefined) return undefined
  if (kind === 'marker') {
    const part = partOf(first)
    return { kind, marker: parseMarker(part === undefined ? place : place.replace(/^\S+\s+/, '')), part: part ?? 'reference' }
  }
  if (more.length > 0 || (second !== undefined && kind !== 'pointer')) return undefined
  if (kind === 'kustomize') return { kind, image: first }
  if (kind === 'helm') return { kind, path: first.split('.') }
  if (kind === 'manifest') return manifestAddress(first)
  return kind === 'pointer' ? pointerAddress(first, second) : undefined
}

function manifestAddress(text: string): Address | undefined {
  const [kind, second, third, fourth, ...more] = text.split('/')
  if (kind === undefined || second === undefined || third === undefined || more.length > 0) return undefined
  if (fourth === undefined) return { kind: 'manifest', resource: { kind, name: second }, container: third }
  return { kind: 'manifest', resource: { kind, namespace: second, name: third }, container: fourth }
}

/** RFC 6901. */
function pointerAddress(pointer: string, given: string | undefined): Address | undefined {
  const part = given === undefined ? 'reference' : partOf(given)
  if (part === undefined || !pointer.startsWith('/')) return undefined
  const path = pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { kind: 'pointer', path, part }
}

function partOf(text: string): Part | undefined {
  return parts.find((part) => part === text)
}

function refused(text: string, expected: string): Error {
  return gitopsTarget(`The target ${JSON.stringify(text.slice(0, 300))} is none: ${expected}.`)
}
