import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import type { OutputKindName } from '../spec/output.ts'
import { results } from './tekton-results.ts'

/** The longest text of an output, in bytes, by kind; open-ended kinds end at the 1 KiB that every output is held to. */
const longest: Readonly<Record<OutputKindName, number>> = {
  string: 1024,
  path: 1024,
  url: 1024,
  image: 1024,
  images: 1024,
  digest: 'sha512:'.length + 128,
  hash: 64,
  number: 24,
  integer: 17,
  boolean: 5,
  file: 'sha256:'.length + 64,
}

/** The verdict in numbers and one sentence, without the project's own words. */
const longestTestOutput = 512
/** Ten counts with their names. */
const longestScanOutput = 320

export interface Budget {
  /** In bytes: what the results need when every one of them is as long as it may be. */
  readonly needed: number
  /** In bytes: what the kubelet lets one container of this Task's pod leave. */
  readonly available: number
}

/**
 * Tekton carries results in the container's termination message: 4096 bytes, and for the whole pod 12 KiB divided by its
 * containers (pipeline#4808), of which Tekton adds two of its own to the steps.
 */
export function resultBudget(definition: Definition): Budget {
  const steps = definition.hosts?.tekton?.userStep === undefined ? 1 : 2
  const entries = results(definition).map(({ name }) => entry(name, longestValue(definition, name), 1))
  const own = [entry('StartedAt', '2026-01-01T00:00:00.000+00:00'.length, 3), entry('ExitCode', '130'.length, 3)]
  const message = [...entries, ...own]
  return {
    needed: message.reduce((sum, bytes) => sum + bytes + ','.length, '[]'.length - ','.length),
    available: Math.min(4096, Math.floor(12_288 / (steps + 2))),
  }
}

/** `{"key":"digest","value":"…","type":1}` (tektoncd/pipeline pkg/result). */
function entry(key: string, valueLength: number, type: number): number {
  return JSON.stringify({ key, value: '', type }).length + valueLength
}

function longestValue(definition: Definition, result: string): number {
  if (result === 'TEST_OUTPUT') return longestTestOutput
  if (result === 'SCAN_OUTPUT') return longestScanOutput
  if (result === 'IMAGE_URL') return longest.image
  if (result === 'IMAGES') return longest.images
  if (result === 'IMAGE_DIGEST') return longest.digest
  const { url, commit } = definition.hosts?.tekton?.chainsGit ?? {}
  const hinted = definition.outputs[result === 'CHAINS-GIT_URL' ? (url ?? '') : result === 'CHAINS-GIT_COMMIT' ? (commit ?? '') : '']
  if (hinted !== undefined) return longest[hinted.kind]
  const output = Object.entries(definition.outputs).find(([name]) => kebab(name) === result)?.[1]
  return output === undefined ? 0 : longest[output.kind]
}
