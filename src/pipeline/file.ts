import { isAbsolute, join } from 'node:path'
import { exists, readText } from '../io/files.ts'
import { defaultRoad, delivery, signedRoad, withScan } from './default-road.ts'
import { pipelineInvalid, pipelineMissing } from './errors.ts'
import type { Item } from './items.ts'
import { isPushing, wired, withSigning, withTagsLast } from './signing.ts'
import type { Fault, Step } from './step.ts'
import { type StepsOptions, stepsOf } from './steps.ts'

export const defaultFile = 'slipway.yaml'
const byteLimit = 1024 * 1024
const notPushed = 'nothing was pushed: no image is named; give --push.image registry/repository'
const nothingToSign = 'is not in this pipeline, and what is signed is what it has pushed; give --push.image, or put `push` into the file'

export interface PipelineOptions extends StepsOptions {
  /** Absolute. */
  readonly workspace: string
  /** As given by the user; without it slipway.yaml, or the default road where there is none. */
  readonly file?: string | undefined
  /** Whether to sign, attest and verify what is pushed, also where the pipeline does not say so. */
  readonly sign?: boolean
}

export interface Pipeline {
  readonly steps: readonly Step[]
  /** Absolute; undefined on the default road. */
  readonly file: string | undefined
  /** Why the default road stops before its end. */
  readonly notRun?: { readonly step: Step; readonly why: string }
}

/** The steps to run, every value checked. @throws SW-PIPELINE-MISSING, SW-PIPELINE-FILE with all faults at once */
export async function readPipeline(options: PipelineOptions): Promise<Pipeline> {
  const file = await find(options)
  if (file === undefined) return defaultPipeline(options)
  const faults: Fault[] = []
  // The YAML parser is loaded for those who have a file.
  const { itemsOf } = await import('./items.ts')
  const steps = stepsFrom(itemsOf(await readText(file, byteLimit), faults), options, faults)
  refuse(options.file ?? defaultFile, faults)
  return { steps, file }
}

async function find({ workspace, file }: PipelineOptions): Promise<string | undefined> {
  const path = isAbsolute(file ?? '') ? (file ?? '') : join(workspace, file ?? defaultFile)
  if (await exists(path)) return path
  if (file === undefined) return undefined
  throw pipelineMissing(`There is no pipeline file at ${path}.`, {
    hint: `correct --file, or leave it out to run ${defaultFile} or the default road`,
  })
}

/**
 * test, build, sbom, scan where it is known by which advisories, push where it is known to which registry, and delivery where it is known
 * to what.
 */
function defaultPipeline(options: PipelineOptions): Pipeline {
  const faults: Fault[] = []
  const isPushed = options.overrides.some(({ task, input }) => task === 'push' && input === 'image')
  const isAsked = (name: string): boolean => options.overrides.some(({ task }) => task === name)
  const road: readonly string[] = isAsked('scan') ? withScan(defaultRoad.tasks) : defaultRoad.tasks
  const names = [...road.filter((name) => name !== 'push' || isPushed), ...delivery.filter(isAsked)]
  const items = names.map((name): Item => ({ name, where: 'default road', inputs: [] }))
  const isSigned = options.overrides.some(({ task }) => signedRoad.tasks.some((name) => name === task && !names.includes(name)))
  const steps = stepsFrom(items, { ...options, sign: options.sign === true || isSigned }, faults)
  refuse('The default road', faults)
  const push = options.tasks.find(({ definition }) => definition.name === 'push')
  if (isPushed || push === undefined) return { steps, file: undefined }
  return { steps, file: undefined, notRun: { step: { task: push, inputs: new Map() }, why: notPushed } }
}

/** The steps of the items, with those that come of their order. */
function stepsFrom(items: readonly Item[], options: PipelineOptions, faults: Fault[]): readonly Step[] {
  const isWanted = options.sign === true
  if (isWanted && !isPushing(items, options)) faults.push({ where: '--sign', subject: 'push', what: nothingToSign })
  const signed = isWanted ? withSigning(items, options) : items
  return wired(stepsOf(withTagsLast(signed, options), options, faults))
}

function refuse(file: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return
  // A flag names its input already.
  const told = faults.map((fault) => (fault.where === `--${fault.subject}` ? { ...fault, subject: '' } : fault))
  const [wheres, subjects] = [width(told.map(({ where }) => where)), width(told.map(({ subject }) => subject))]
  const inOrder = told.toSorted((a, b) => a.where.localeCompare(b.where, 'en', { numeric: true }))
  const lines = inOrder.map(({ where, subject, what }) =>
    [`  ${where.padEnd(wheres)}`, ...(subjects === 0 ? [] : [subject.padEnd(subjects)]), what].join('  '),
  )
  throw pipelineInvalid([`${file} cannot be used, ${faults.length === 1 ? 'one fault' : `${faults.length} faults`}:`, ...lines].join('\n'))
}

function width(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length))
}
