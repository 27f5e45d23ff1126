import { kebab } from '../base/names.ts'
import { signerKey, signerServices } from '../domain/sigstore/sign/signer-inputs.ts'
import { inputOf } from '../spec/parse-inputs.ts'
import type { Section } from '../spec/record/record.ts'
import type { Item } from './items.ts'
import { isBehind } from './order.ts'
import type { Step } from './step.ts'
import type { StepsOptions } from './steps.ts'

/** Sections that vouch for an image which is at its registry: made after `push`, and before its tags move. */
const vouching: readonly Section[] = ['signatures', 'attestations', 'verifications']

/** What else is found out about it there, such as by the scanner of a Harbor; tags wait for that too. */
const judging: readonly Section[] = [...vouching, 'findings']

/** Inputs that the tasks after `push` take over from it, and `attest` from `sign`: all of a group, or none where one is given. */
export const account = ['username', 'password', 'plain-http'] as const
/** What `gitops-update` calls the account by which it asks the registry for the tag. */
export const registryAccount = [
  ['registry-username', 'username'],
  ['registry-password', 'password'],
  ['plain-http', 'plain-http'],
] as const
/** What `scan` calls the place that the scanner of a Harbor looks at. */
export const scanned = [['harbor-image', 'image'], ...account.map((input) => [input, input] as const)] as const
/** What `argocd-sync` calls the account of `gitops-update`: git is asked whether a newer commit contains what was written. */
export const gitAccount = [
  ['git-username', 'username'],
  ['git-password', 'password'],
] as const
export const signer: readonly string[] = [...Object.keys(signerKey), ...Object.keys(signerServices)].map(kebab)

/** Whether there is something to sign. */
export function isPushing(items: readonly Item[], { tasks }: Pick<StepsOptions, 'tasks'>): boolean {
  return items.some((item) => isWriting(item, ['pushes'], tasks))
}

/** With the tasks that sign, attest and verify after the last push, each behind those before it, where they are not there. */
export function withSigning(items: readonly Item[], { tasks }: Pick<StepsOptions, 'tasks'>): readonly Item[] {
  if (!isPushing(items, { tasks })) return items
  return vouching.reduce<readonly Item[]>((road, section, place) => {
    const name = tasks.find(({ definition }) => definition.writes.includes(section))?.definition.name
    if (name === undefined || road.some((item) => item.name === name)) return road
    const last = road.findLastIndex((item) => isWriting(item, ['pushes', ...vouching.slice(0, place)], tasks))
    return road.toSpliced(last + 1, 0, { name, where: 'sign', inputs: [] })
  }, items)
}

/** With the task that moves the tags behind the last one that vouches for what was pushed, where tags are asked for. */
export function withTagsLast(items: readonly Item[], { tasks, overrides }: Pick<StepsOptions, 'tasks' | 'overrides'>): readonly Item[] {
  const push = items.findIndex((item) => isWriting(item, ['pushes'], tasks))
  const last = items.findLastIndex((item) => isWriting(item, judging, tasks))
  const mover = tasks.find(({ definition }) => definition.writes.includes('tags'))?.definition.name
  if (push < 0 || last < push || mover === undefined || items.some(({ name }) => name === mover)) return items
  const pushing = items.filter((item) => isWriting(item, ['pushes'], tasks))
  const given = pushing.flatMap(({ name, inputs }) => [
    ...inputs.map((input) => input.name),
    ...overrides.filter(({ task }) => task === name).map(({ input }) => input),
  ])
  return given.includes('tags') ? items.toSpliced(last + 1, 0, { name: mover, where: 'tags', inputs: [] }) : items
}

/** The steps with what follows from their order: `push` leaves its tags, and others go on with its account and the signer before them. */
export function wired(steps: readonly Step[]): Step[] {
  return steps.map((step, place) => {
    const before = steps.slice(0, place)
    const pushes = before.filter((one) => writes(one, ['pushes']))
    const [push] = pushes
    if (writes(step, ['sboms'])) return named(step, steps)
    if (writes(step, ['pushes'])) return steps.slice(place + 1).some((one) => writes(one, judging)) ? withDefault(step, 'tags-last') : step
    if (writes(step, ['deployment'])) return followed(step, before)
    if (isBehind(step, ['pushes'])) return push === undefined || pushes.length > 1 ? step : taking(step, scanned, push)
    // An image that is named may be at another registry, where nobody shows this account.
    if (push === undefined || step.inputs.has('image') || !writes(step, [...vouching, 'tags', 'gitops'])) return step
    const isVerified = before.some((one) => writes(one, ['verifications']))
    if (writes(step, ['gitops'])) return delivering(step, { push: pushes.length === 1 ? push : undefined, isVerified })
    const signing = before.findLast((one) => writes(one, ['signatures']))
    // Of several pushes one account may be for one registry only.
    const known = pushes.length === 1 ? taking(step, account, push) : step
    const signed = signing !== undefined && writes(step, ['attestations']) ? taking(known, signer, signing) : known
    const trusting = signing === undefined ? signed : withDefault(signed, 'as-signed')
    return isVerified ? withDefault(trusting, 'require-verified') : trusting
  })
}

/** Asks the registry for the tag as who pushed it, and writes only what was found good where something has looked. */
function delivering(step: Step, { push, isVerified }: { readonly push: Step | undefined; readonly isVerified: boolean }): Step {
  const known = push === undefined ? step : taking(step, registryAccount, push)
  return isVerified ? withDefault(known, 'require-verified') : known
}

/** Reads the repository as who wrote to it, where it is that one. */
function followed(step: Step, before: readonly Step[]): Step {
  const writer = before.findLast((one) => writes(one, ['gitops']))
  return writer === undefined || step.inputs.has('repository') ? step : taking(step, gitAccount, writer)
}

function isWriting({ name }: Item, sections: readonly Section[], tasks: StepsOptions['tasks']): boolean {
  const task = tasks.find(({ definition }) => definition.name === name)
  return task !== undefined && writes({ task }, sections)
}

function writes({ task }: Pick<Step, 'task'>, sections: readonly Section[]): boolean {
  return task.definition.writes.some((section) => sections.includes(section))
}

/** Turned on, if the task has it and nobody has said anything. */
function withDefault(step: Step, input: string): Step {
  const isOpen = inputOf(step.task.definition, input) !== undefined && !step.inputs.has(input)
  return isOpen ? { ...step, inputs: new Map([...step.inputs, [input, 'true']]) } : step
}

/** An SBOM says where its image will be, where that is one place. */
function named(step: Step, steps: readonly Step[]): Step {
  const [push, ...others] = steps.filter((one) => writes(one, ['pushes']))
  return push === undefined || others.length > 0 ? step : taking(step, ['image'], push)
}

/** The inputs of a group, in pairs where the other step has them under another name. */
function taking(step: Step, group: readonly (string | readonly [string, string])[], from: Step): Step {
  const pairs = group.map((input) => (typeof input === 'string' ? ([input, input] as const) : input))
  if (pairs.some(([input]) => step.inputs.has(input))) return step
  const taken = pairs.flatMap(([input, theirs]) => {
    const value = from.inputs.get(theirs)
    return value === undefined || inputOf(step.task.definition, input) === undefined ? [] : [[input, value] as const]
  })
  return { ...step, inputs: new Map([...step.inputs, ...taken]) }
}
