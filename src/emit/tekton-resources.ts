import type { Definition } from '../spec/define.ts'
import type { YamlMap } from './yaml.ts'

/** What a step asks of the node; a pod asks for the sum of its steps. */
export interface StepResources {
  readonly step: string
  readonly cpu: string
  readonly memory: string
  readonly memoryLimit?: string
}

/** Where the user's own program runs, it has the resources of the task, and the judge after it little. */
export function stepResources({ hosts }: Definition): readonly StepResources[] {
  const work = hosts?.tekton?.resources ?? modest
  const own = { step: 'slipway', ...(hosts?.tekton?.userStep === undefined ? work : modest) }
  return hosts?.tekton?.userStep === undefined ? [own] : [{ step: 'run', ...work }, own]
}

/** No limit for the processor: a throttled step only takes longer. */
export function computeResources({ cpu, memory, memoryLimit = memory }: Omit<StepResources, 'step'>): YamlMap {
  return { requests: { cpu, memory }, limits: { memory: memoryLimit } }
}

/** For a bundle whose definition says nothing: what Node and a few buffers need. */
const modest = { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }
