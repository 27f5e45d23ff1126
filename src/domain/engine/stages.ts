import { type Dockerfile, DockerfileParser, type From, type Instruction } from 'dockerfile-ast'
import { formatReference, isReferenceFault, parseReference } from '../../base/reference.ts'

/** A stage of a Dockerfile. */
export interface Stage {
  /** Of its FROM, from 1. */
  readonly line: number
  readonly name: string | undefined
  /** What FROM names, with the values of its ARGs; undefined when one has none. */
  readonly image: string | undefined
  /** The earlier stage that FROM names. */
  readonly parent: Stage | undefined
  /** Without FROM. */
  readonly instructions: readonly Instruction[]
}

type Values = Readonly<Record<string, string>>

/** The stages of a Dockerfile in their order, with build arguments over the defaults of ARG. */
export function stagesOf(text: string, buildArgs: Values = {}): readonly Stage[] {
  const file = DockerfileParser.parse(text)
  const froms = file.getFROMs()
  const stages: Stage[] = []
  for (const [index, from] of froms.entries()) {
    const line = lineOf(from)
    const next = froms[index + 1]
    const end = next === undefined ? Number.POSITIVE_INFINITY : lineOf(next)
    const image = resolved(from, { file, buildArgs })
    stages.push({
      line,
      name: from.getBuildStage() ?? undefined,
      image,
      parent: stages.find(({ name }) => name !== undefined && name.toLowerCase() === image?.toLowerCase()),
      instructions: file.getInstructions().filter((one) => lineOf(one) > line && lineOf(one) < end),
    })
  }
  return stages
}

/**
 * The image that a stage, the last unless `target` names one, is built on in the end: with its digest where it has one, else with its
 * tag; undefined when it is scratch, or its registry is left to the engine.
 */
export function baseOfStages(stages: readonly Stage[], target?: string): string | undefined {
  const isTarget = ({ name }: Stage, index: number): boolean => name?.toLowerCase() === target?.toLowerCase() || String(index) === target
  let stage = target === undefined ? stages.at(-1) : stages.find(isTarget)
  while (stage?.parent !== undefined) stage = stage.parent
  const reference = parseReference(stage?.image ?? '')
  if (isReferenceFault(reference)) return undefined
  const { tag, digest, ...repository } = reference
  return formatReference(digest === undefined ? { ...repository, ...(tag === undefined ? {} : { tag }) } : { ...repository, digest })
}

/** Of an instruction, from 1. */
export function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1
}

function resolved(from: From, { file, buildArgs }: { readonly file: Dockerfile; readonly buildArgs: Values }): string | undefined {
  let isKnown = true
  const image = from.getImage()?.replace(/\$\{?(\w+)(?::-([^}]*))?\}?/g, (_, name: string, otherwise: string | undefined) => {
    const declared = file.getInitialARGs().find((arg) => arg.getProperty()?.getName() === name)
    const value =
      (declared !== undefined && Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined) ??
      declared?.getProperty()?.getValue() ??
      otherwise ??
      ''
    if (value === '') isKnown = false
    return value
  })
  return isKnown ? image?.replace(/^"(.*)"$/, '$1') : undefined
}
