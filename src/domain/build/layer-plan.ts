import { posix } from 'node:path'
import type { WalkedFile } from '../../io/files.ts'
import type { Platform } from '../oci/types.ts'
import type { Context, ContextOptions } from './context.ts'
import { completeEntries, type LayerEntry, placeFiles } from './entries.ts'
import { layerEmpty, layerInvalid } from './errors.ts'
import { filesOf, type LayerRule } from './layer-rule.ts'

export type PlanName = 'node' | 'java' | 'dotnet' | 'go' | 'rust' | 'python' | 'site' | 'static' | 'folder' | 'layers'

/** A plan, and what in the context it follows from: `pyproject.toml and .venv`. */
export interface ChosenPlan {
  readonly name: PlanName
  readonly why: string
}

/** What runs a program that is not one of the machine by itself. */
export type RuntimeName = 'node' | 'java' | 'python' | 'dotnet'

/** One layer to be written: its entries complete and sorted. */
export interface LayerPlan {
  /** One word or rule, for tables. */
  readonly name: string
  readonly entries: readonly LayerEntry[]
  /** Why these files are a layer, and what changes it. */
  readonly why?: string
  /** Whether an ordinary change of the source changes it. */
  readonly isApplication?: true
}

/** What goes into an image on top of its base, and what the project itself proposes to run. */
export interface Plan {
  readonly name: PlanName
  readonly layers: readonly LayerPlan[]
  /** A program and its arguments, or the arguments for a runtime that the base has. */
  readonly start?: { readonly program: readonly string[] } | { readonly runtime: RuntimeName; readonly args: readonly string[] }
  readonly env: Readonly<Record<string, string>>
  readonly workdir?: string
  /** A version that the base must have, when it says in a variable which one it has. */
  readonly needs?: { readonly variable: string; readonly version: string }
  readonly credentials: Context['credentials']
}

export interface PlanOptions extends Omit<ContextOptions, 'without'> {
  /** Absolute: a folder, or the file of a static program or of a jar. */
  readonly context: string
  readonly rules: readonly LayerRule[]
  /** Where the files of a plan go; default `/app`. */
  readonly workdir?: string | undefined
  /** Whether the plan must say what to run: neither entrypoint nor cmd is given. */
  readonly needsStart: boolean
  readonly platform: Platform
  /** Of the machine that builds, whose node_modules these are. */
  readonly machine: Platform
  /** Whether there is nothing below that a program could load its libraries from. */
  readonly onScratch: boolean
  /** The base as the user names it. */
  readonly base: string
  readonly isRootAllowed: boolean
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

/** A layer of a plan with files below a folder of the image, or none when it would be empty. */
export function layerIfAny(about: Omit<LayerPlan, 'entries'>, files: readonly WalkedFile[], to: string): readonly LayerPlan[] {
  // Thousands of folders may be left of a context whose files rules have taken.
  if (files.every(({ kind }) => kind === 'directory')) return []
  return layerOfEntries(about, placeFiles(files, { to: to.replace(/^\/+/, '') }))
}

/** A layer of a plan, or none when it would be empty. */
export function layerOfEntries(about: Omit<LayerPlan, 'entries'>, given: readonly LayerEntry[]): readonly LayerPlan[] {
  const entries = completeEntries(given)
  return entries.some(({ kind }) => kind !== 'directory') ? [{ ...about, entries }] : []
}

/** The layer that an ordinary change of the source changes. */
export const applicationLayer = { name: 'application', why: 'the source: every change of it', isApplication: true } as const

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
  return { name: rule.text, why: 'asked for by `layers`', entries: completeEntries(placeFiles(found, { from: rule.from, to })) }
}
