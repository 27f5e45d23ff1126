import { isDigest } from '../../base/digest.ts'
import type { NewImage } from './image.ts'

/** What a commit of ours says of itself in its last lines (git-interpret-trailers(1)). */
export interface Trailers {
  readonly image: string
  /** Targets that it is about, as they were given. */
  readonly targets: readonly string[]
  readonly order?: number | undefined
  /** Where the image is from: repository and commit. */
  readonly source?: string | undefined
  /** Page of the run. */
  readonly run?: string | undefined
}

const names = {
  image: 'Slipway-Image',
  target: 'Slipway-Target',
  order: 'Slipway-Order',
  source: 'Slipway-Source',
  run: 'Slipway-Run',
  tree: 'Slipway-Tree',
} as const

/** The lines of {@link Trailers}; values with a line end in them are left out. */
export function formatTrailers({ image, targets, order, source, run }: Trailers): string {
  const all = [
    [names.image, image],
    ...targets.map((target) => [names.target, target]),
    [names.order, order?.toString()],
    [names.source, source],
    [names.run, run],
  ] as const
  return all.flatMap(([name, value]) => (value === undefined || /[\r\n]/.test(value) ? [] : [`${name}: ${value}`])).join('\n')
}

/** The highest order that a commit among `messages` gave to one of the targets; undefined when none did. */
export function orderOf(messages: readonly string[], targets: readonly string[]): number | undefined {
  const orders = messages.flatMap((message) => {
    const lines = message.split('\n')
    const isAbout = lines.some((line) => targets.some((target) => line === `${names.target}: ${target}`))
    const found = lines.flatMap((line) => new RegExp(`^${names.order}: (\\d{1,15})$`).exec(line)?.[1] ?? [])
    return isAbout ? found.map(Number) : []
  })
  return orders.length === 0 ? undefined : Math.max(...orders)
}

/** The image that a message names; undefined where it names none. */
export function imageIn(message: string): NewImage | undefined {
  const beginning = `${names.image}: `
  const line = message.split('\n').find((one) => one.startsWith(beginning)) ?? ''
  const [reference = '', digest = '', another] = line.slice(beginning.length).split('@')
  if (another !== undefined || !isDigest(digest)) return undefined
  const colon = reference.indexOf(':', reference.lastIndexOf('/'))
  return colon < 0 ? { name: reference, digest } : { name: reference.slice(0, colon), tag: reference.slice(colon + 1), digest }
}

/** The line that names the tree of a commit, so that it is seen when somebody has changed it. */
export function treeTrailer(tree: string): string {
  return `${names.tree}: ${tree}`
}

/** Whether a message names a tree in that line. */
export function namesTree(message: string, tree: string): boolean {
  return message.split('\n').includes(treeTrailer(tree))
}

/** Whether a commit is about these targets and no others. */
export function isAbout(message: string, targets: readonly string[]): boolean {
  const beginning = `${names.target}: `
  const named = message.split('\n').flatMap((line) => (line.startsWith(beginning) ? [line.slice(beginning.length)] : []))
  return named.length === targets.length && named.toSorted().every((one, at) => one === targets.toSorted()[at])
}
