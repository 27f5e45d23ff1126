import type { Clock } from '../../../../spec/ports.ts'
import type { Harbor } from '../../client.ts'
import { harborRobotUnusable } from '../../errors.ts'
import { accountOf, type RegistryAction, registryActions } from '../../login.ts'
import type { RobotScope } from '../schema.ts'

/** Sees that a robot logs in, and that the registry's token lets it do what it was made for: a 200 alone proves nothing. */
export async function verifyRobot(
  harbor: Harbor,
  { scopes, name }: { readonly scopes: readonly RobotScope[]; readonly name: string },
  { clock }: { readonly clock: Clock },
): Promise<void> {
  const account = await accountOf(harbor)
  if (account.kind !== 'robot') throw harborRobotUnusable(`Harbor takes ${name} for the user ${account.name}, expected a robot.`)
  for (const { kind, namespace, rights } of scopes) {
    const wanted = actions.filter((action) => rights.includes(`repository:${action}`))
    if (kind !== 'project' || namespace === '*' || wanted.length === 0) continue
    // No repository needs to be there: rights are of the project.
    const granted = await registryActions(harbor, `${namespace}/any`, clock)
    const lacking = wanted.filter((action) => !granted.includes(action))
    if (lacking.length === 0) continue
    throw harborRobotUnusable(
      `The token of ${name} in ${namespace} grants ${granted.join(', ') || 'nothing'}, expected ${wanted.join(', ')}.`,
    )
  }
}

const actions: readonly RegistryAction[] = ['pull', 'push']
