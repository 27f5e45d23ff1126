import { type ErrorKind, TaskError } from '../../../base/errors.ts'
import { registryDenied, registryRefused, registryUnauthenticated } from '../errors.ts'
import { ecrRegistry } from './aws/registry.ts'
import type { Challenge } from './challenge.ts'
import type { Credential } from './credential.ts'
import { type Family, families, familyOf } from './families.ts'
import { type Hints, hints } from './hints.ts'

/** What is known of a refusal beside the error itself. */
export interface Refused {
  readonly registry: string
  readonly repository: string
  readonly challenges: readonly Challenge[]
  readonly credential: Credential | undefined
  /** Why no keyless login was there. */
  readonly failure: Error | undefined
}

/** A refusal with what its registry’s family means by it; in place of “no credential” the reason why there is none. Others stay as they are. */
export function explained(error: unknown, refused: Refused): unknown {
  if (!(error instanceof TaskError) || error.hint !== undefined) return error
  if (registryUnauthenticated.is(error) && refused.failure !== undefined) return refused.failure
  const kind = kinds.find((candidate) => candidate.is(error))
  const family = familyOf(refused.registry, refused.challenges) ?? familyOfRobot(refused.credential)
  const hint = kind === undefined || family === undefined ? undefined : hintOf(error, family, refused)
  if (kind === undefined || hint === undefined) return error
  const { message, cause, retryable, safe } = error
  return kind(message, { hint: filled(hint, refused), cause, retryable, safe })
}

/** Harbor says nothing of how to log in where there is no project of the name, but only it has such accounts. */
function familyOfRobot(credential: Credential | undefined): Family | undefined {
  const isRobot = credential?.kind === 'password' && credential.username.startsWith('robot$')
  return isRobot ? families.find(({ name }) => name === 'Harbor') : undefined
}

const kinds: readonly ErrorKind[] = [registryUnauthenticated, registryDenied, registryRefused]

function hintOf(error: TaskError, { name }: Family, { credential }: Refused): string | undefined {
  const { anonymous, denied, missing }: Hints = hints[name]
  if (/NAME_UNKNOWN|RepositoryNotFound/.test(error.message)) return missing
  if (registryUnauthenticated.is(error)) return anonymous
  if (!registryDenied.is(error)) return undefined
  // A shell replaces `$NAME` by nothing: of robot$ci is left robot, of robot$team+ci robot+ci.
  if (name === 'Harbor' && credential?.kind === 'password' && /^robot(?:\+.*)?$/.test(credential.username))
    return `The user name came as "${credential.username}": a shell took the part after \`$\` for a variable. Write 'robot$…' in single quotes.`
  return denied
}

function filled(hint: string, { registry, repository }: Refused): string {
  const [project = '', ...rest] = repository.split('/')
  const facts = {
    registry,
    repository,
    project,
    name: rest.length === 0 ? project : rest.join('/'),
    region: ecrRegistry(registry)?.region ?? '',
  }
  return Object.entries(facts).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), hint)
}
