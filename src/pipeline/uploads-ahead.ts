import type { PushTarget } from '../domain/oci/push-target.ts'
import { allowed } from '../spec/execute.ts'
import { parseInputs } from '../spec/parse-inputs.ts'
import type { Http } from '../spec/ports.ts'
import type { ReleaseRecord, Section } from '../spec/record/record.ts'
import type { Session } from './ports.ts'
import type { Step } from './step.ts'

/** What may be written between a build and its push: what judges nothing. */
const harmless: readonly Section[] = ['sboms']

/**
 * Lets the layers of the build that is next go to where a later step pushes them, while they are packed; those of another build before it went
 * elsewhere. Only where nothing in between could keep them from being sent; no image is there before its push. Nothing is said of it: what
 * is wrong, that step tells in its turn. Gives the connections that they go over, for {@link endAhead}. Never rejects.
 */
export async function sendAhead(steps: readonly Step[], record: ReleaseRecord, session: Pick<Session, 'ports'>): Promise<Http | undefined> {
  const [next] = steps
  if (next === undefined || !writes(next, 'subject')) return undefined
  try {
    const { sendAheadTo } = await import('../domain/oci/upload-ahead.ts')
    sendAheadTo(session.ports(next.task.definition.name).http, undefined)
    // A push looks at them, whenever they were found.
    const push = record.findings === undefined ? pushBehind(steps.slice(1)) : undefined
    const target = push === undefined ? undefined : targetOf(push)
    if (push === undefined || target === undefined) return undefined
    const { definition } = push.task
    const ports = session.ports(definition.name)
    const { pushTarget } = await import('../domain/oci/push-target.ts')
    sendAheadTo(ports.http, pushTarget(target, { ...ports, environment: allowed(definition, ports) }).repository)
    return ports.http
  } catch {
    // Nobody waits for this: what it met, the step meets as well.
    return undefined
  }
}

/** Gives up, when all steps are over, what was sent and nobody has pushed; registries have a second to hear of it. Never rejects. */
export async function endAhead(http: Http | undefined): Promise<void> {
  if (http === undefined) return
  const { endAhead: end } = await import('../domain/oci/upload-ahead.ts')
  await end(http)
}

/** The push that comes first, or behind nothing that could refuse. */
function pushBehind(steps: readonly Step[]): Step | undefined {
  const first = steps.find((step) => !isHarmless(step))
  return first !== undefined && writes(first, 'pushes') ? first : undefined
}

function isHarmless({ task }: Step): boolean {
  const { writes: written } = task.definition
  return written.length > 0 && written.every((section) => harmless.includes(section))
}

function writes({ task }: Step, section: Section): boolean {
  return task.definition.writes.includes(section)
}

/** Undefined for a step whose inputs are at fault, or that pushes something else. */
function targetOf({ task: { definition }, inputs }: Step): PushTarget | undefined {
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
