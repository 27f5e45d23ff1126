import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import { describeOutput, outputFields } from './fields.ts'
import type { YamlMap } from './yaml.ts'

export type TektonResult = YamlMap & { readonly name: string; readonly type: 'string'; readonly description: string }

/** What Tekton Chains looks for: the names of an image that was made, and of its digest (chains docs/slsa-provenance.md, type hints). */
const chainsImage = [
  { name: 'IMAGE_URL', type: 'string', description: 'The repository of `image`, for Tekton Chains.' },
  { name: 'IMAGE_DIGEST', type: 'string', description: 'The digest of `image`, for Tekton Chains.' },
] as const satisfies readonly TektonResult[]

/** Where the sources of a run come from (chains docs/slsa-provenance.md, git type hints). */
const chainsGit = [
  { name: 'CHAINS-GIT_URL', type: 'string', description: 'The address of the repository, for Tekton Chains.' },
  { name: 'CHAINS-GIT_COMMIT', type: 'string', description: 'The commit, for Tekton Chains.' },
] as const satisfies readonly TektonResult[]

const testOutput = {
  name: 'TEST_OUTPUT',
  type: 'string',
  description: 'The verdict as JSON, as Konflux expects it (its ADR-0030).',
} as const satisfies TektonResult

/** Every result of the task: its outputs, and those that other programs know by name. */
export function results(definition: Definition): readonly TektonResult[] {
  return [
    ...outputResults(definition),
    ...chainsResults(definition),
    ...scanResult(definition),
    ...(definition.hosts?.tekton?.testOutput === undefined ? [] : [testOutput]),
  ]
}

/** All but those that have another name: a list of images, which Chains looks for, and what Konflux does. */
export function outputResults(definition: Definition): readonly TektonResult[] {
  return outputFields(definition)
    .filter(({ name, output }) => output.kind !== 'images' && name !== kebab(definition.hosts?.tekton?.scanOutput ?? ''))
    .map((field) => ({ name: field.name, type: 'string', description: describeOutput(definition, field) }))
}

function scanResult(definition: Definition): readonly TektonResult[] {
  const output = definition.outputs[definition.hosts?.tekton?.scanOutput ?? '']
  return output === undefined ? [] : [{ name: 'SCAN_OUTPUT', type: 'string', description: output.summary }]
}

/** Empty for a task that neither gives an image nor checks out sources. @throws for two images, of which Chains could record only one */
export function chainsResults(definition: Definition): readonly TektonResult[] {
  const images = Object.values(definition.outputs).filter(({ kind }) => kind === 'image')
  if (images.length > 1) throw new Error(`${definition.name}: ${images.length} outputs are images, but IMAGE_URL can name only one`)
  const list = Object.values(definition.outputs).find(({ kind }) => kind === 'images')
  return [
    ...(images.length === 1 ? chainsImage : []),
    ...(list === undefined ? [] : [{ name: 'IMAGES', type: 'string', description: list.summary } as const]),
    ...(definition.hosts?.tekton?.chainsGit === undefined ? [] : chainsGit),
  ]
}
