import { posix } from 'node:path'
import type { WalkedFile } from '../../io/files.ts'
import type { Platform } from '../oci/types.ts'
import type { Context, ContextOptions } from './context.ts'
import { completeEntries, type LayerEntry, placeFiles } from './entries.ts'
import { layerEmpty, layerInvalid } from './errors.ts'
import { filesOf, type LayerRule } from './layer-rule.ts'

export type PlanName = 'node' | 'static' | 'folder' | 'layers'

/** One layer to be written: its entries complete and sorted. */
export interface LayerPlan {
  /** One word or rule, for tables. */
  readonly name: string
  readonly entries: readonly LayerEntry[]
}

/** What goes into an image on top of its base, and what the project itself proposes to run. */
export interface Plan {
  readonly name: PlanName
  readonly layers: readonly LayerPlan[]
  /** A program and its arguments, or the arguments for a node that the base has. */
  readonly start?: { readonly program: readonly string[] } | { readonly node: readonly string[] }
  readonly env: Readonly<Record<string, string>>
  readonly workdir?: string
  readonly credentials: Context['credentials']
}

export interface PlanOptions extends Omit<ContextOptions, 'without'> {
  /** Absolute: a folder, or the file of a static program. */
  readonly context: string
  readonly rules: readonly LayerRule[]
  /** Where the files of a folder or Node project go; default `/app`. */
  readonly workdir?: string | undefined
  /** Whether the plan must say what to run: neither entrypoint nor cmd is given. */
  readonly needsStart: boolean
  readonly platform: Platform
  /** Of the machine that builds, whose node_modules these are. */
  readonly machine: Platform
  /** Whether there is nothing below that a program could load its libraries from. */
  readonly onScratch: boolean
}

/** The layers of the rules, and what no rule took. @throws SW-BUILD-EMPTY */
export function applyRules(rules: readonly LayerRule[], { files }: Context): { layers: readonly LayerPlan[]; rest: readonly WalkedFile[] } {
  const taken = new Set<string>()
  const layers = rules.map((rule) => {
    const found = filesOf(rule, files)
    for (const { path, kind } of found) if (kind !== 'directory') taken.add(path)
    return layerOf(rule, found)
  })
  return { layers, rest: files.filter(({ path }) => !taken.has(path)) }
}

/** A layer of a plan, or none when it would be empty. */
export function layerIfAny(name: string, files: readonly WalkedFile[], to: string): readonly LayerPlan[] {
  const entries = completeEntries(placeFiles(files, { to: to.replace(/^\/+/, '') }))
  return entries.some(({ kind }) => kind !== 'directory') ? [{ name, entries }] : []
}

/** Where the files of a plan go. */
export function destinationOf({ workdir }: Pick<PlanOptions, 'workdir'>): string {
  return posix.normalize(workdir ?? '/app')
}

function layerOf(rule: LayerRule, found: readonly WalkedFile[]): LayerPlan {
  const single = found.find(({ path }) => path === rule.from)
  if (single?.kind === 'symlink') {
    throw layerInvalid(
      `The layer ${JSON.stringify(rule.text)} has a symbolic link as its source, expected what it leads to: ${single.target}.`,
    )
  }
  if (!found.some(({ kind }) => kind !== 'directory')) {
    throw layerEmpty(
      `The layer ${JSON.stringify(rule.text)} takes no file: ${rule.from || 'the context'} has none that its patterns and .dockerignore leave in.`,
    )
  }
  const to = single !== undefined && rule.intoFolder ? posix.join(rule.to, posix.basename(single.path)) : rule.to
  if (single !== undefined && to === '')
    throw layerInvalid(`The layer ${JSON.stringify(rule.text)} puts a file at /, expected a file name or a folder with "/" at its end.`)
  return { name: rule.text, entries: completeEntries(placeFiles(found, { from: rule.from, to })) }
}
