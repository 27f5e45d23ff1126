import { neutraliseLine } from '../../base/untrusted.ts'
import { messageLimit } from '../../host/tekton/termination.ts'
import { pad, widthOf } from '../../report/width.ts'
import type { Definition } from '../../spec/define.ts'
import type { Runnable } from './resource.ts'
import type { StepEnd, TaskEnd } from './run.ts'

/** Characters of a value that are shown. */
const longestValue = 120

/** What is about to run, and what of a pod is not there. */
export function headLines({ name }: Definition, { steps }: Runnable): readonly string[] {
  return [
    `slipway-${name} as a Task, ${steps.length} step${steps.length === 1 ? '' : 's'}`,
    'not as in a pod: the files, programs, user and network are those of this machine, and there are no limits',
    '',
  ]
}

/** How each step ended, what the Task gives, and how much of the room for it that takes. */
export function endLines(
  { steps, results, terminationMessage, exitCode }: TaskEnd,
  { results: names, steps: declared }: Runnable,
): readonly string[] {
  const widest = Math.max(0, ...names.map(widthOf))
  const limit = messageLimit(declared.length)
  return [
    '',
    ...steps.map(stepLine),
    '',
    'results',
    ...names.map((name) => `  ${pad(name, widest)}  ${shown(results?.get(name))}`),
    results === undefined
      ? `message  cut at ${limit} bytes, so all results are lost`
      : `message  ${Buffer.byteLength(terminationMessage)} of ${limit} bytes`,
    `exit     ${exitCode}`,
  ]
}

function stepLine({ name, code, exitCode, fitted }: StepEnd): string {
  if (!fitted) return `step ${name}  its results do not fit into a termination message of 4096 bytes: exit ${exitCode}`
  return `step ${name}  exit ${code}${code !== 0 && exitCode === 0 ? ', and the Task goes on' : ''}`
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'absent'
  const text = neutraliseLine(value)
  return `${Buffer.byteLength(value)} B  ${text.length > longestValue ? `${text.slice(0, longestValue)}…` : text}`.trimEnd()
}
