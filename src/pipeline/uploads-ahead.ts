import { allowed } from '../spec/execute.ts'
import { parseInputs } from '../spec/parse-inputs.ts'
import type { ReleaseRecord, Section } from '../spec/record/record.ts'
import type { Session } from './ports.ts'
import type { Step } from './step.ts'

/** What may be written between a build and its push: what judges nothing. */
const harmless: readonly Section[] = ['sboms']

/**
 * Lets the layers of a build go to where a later step pushes them, while they are packed. Only where nothing in between could keep them
 * from being sent; no image is there before its push. Nothing is said of it: what is wrong, that step tells in its turn. Never rejects.
 */
export async function sendAhead(steps: readonly Step[], record: ReleaseRecord, session: Pick<Session, 'ports'>): Promise<void> {
  try {
    // A push looks at them, whenever they were found.
    const push = record.findings === undefined ? pushBehindBuild(steps) : undefined
    const target = push === undefined ? undefined : targetOf(push)
    if (push === undefined || target === undefined) return
    const { definition } = push.task
    const ports = session.ports(definition.name)
    const [{ pushTarget }, { sendAheadTo }] = await Promise.all([
      import('../domain/oci/push-target.ts'),
      import('../domain/oci/upload-ahead.ts'),
    ])
    sendAheadTo(ports.http, pushTarget(target, { ...ports, environment: allowed(definition, ports) }).repository)
  } catch {
    // Nobody waits for this: what it met, the step meets as well.
  }
}

/** The first push, where a build comes before it and nothing that could refuse in between. */
function pushBehindBuild(steps: readonly Step[]): Step | undefined {
  const at = steps.findIndex((step) => writes(step, 'pushes'))
  const before = steps.slice(0, Math.max(0, at)).findLastIndex((step) => !isHarmless(step))
  const build = steps[before]
  return build !== undefined && writes(build, 'subject') ? steps[at] : undefined
}

function isHarmless({ task }: Step): boolean {
  const { writes: written } = task.definition
  return written.length > 0 && written.every((section) => harmless.includes(section))
}

function writes({ task }: Step, section: Section): boolean {
  return task.definition.writes.includes(section)
}

/** Undefined for a step whose inputs are at fault, or that pushes something else. */
function targetOf({
  task: { definition },
  inputs,
}: Step): Parameters<typeof import('../domain/oci/push-target.ts').pushTarget>[0] | undefined {
  const { values, faults } = parseInputs(definition, inputs)
  const { image, username, password, plainHttp, chunkSize } = values
  if (faults.length > 0 || inputs.has('digest') || typeof image !== 'string') return undefined
  return {
    image,
    username: textOf(username),
    password: textOf(password),
    plainHttp: plainHttp === true,
    chunkSize: typeof chunkSize === 'number' ? chunkSize : undefined,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
