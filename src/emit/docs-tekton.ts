import { kebab } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import { resultBudget } from './budget.ts'
import { type InputField, inputFields, isSecret } from './fields.ts'
import { bullets, code, section } from './markdown.ts'
import { resourceName } from './tekton-metadata.ts'
import { secretParamNames } from './tekton-params.ts'
import { stepResources } from './tekton-resources.ts'
import { taskWorkspaces } from './tekton-task.ts'

/** What only users of the Tekton Task need to know. */
export function tektonSection(definition: Definition): string {
  return section(
    '## The Tekton Task',
    `${code(`tekton/tasks/${definition.name}.yaml`)} is the Task ${code(resourceName(definition.name))}; lists are array parameters.\n`,
    bullets([
      ...taskWorkspaces(definition).map(
        ({ name, description, optional }) => `Workspace ${code(name)}${optional === true ? ', optional' : ''}: ${String(description)}`,
      ),
      'Its steps run as user 65532: for a volume that belongs to root set `taskRunTemplate.podTemplate.securityContext.fsGroup: 65532`.',
      ...userStepLines(definition),
      ...inputFields(definition).filter(isSecret).map(secretLine),
      ...stepResources(definition).map(({ step, cpu, memory }) => `Step ${code(step)} asks for ${cpu} CPU and ${memory} of memory.`),
      budgetLine(definition),
      ...dollarLines(definition),
    ]),
  )
}

function userStepLines({ hosts }: Definition): readonly string[] {
  const user = hosts?.tekton?.userStep
  if (user === undefined) return []
  const folder = user.workingDirectory === undefined ? 'the root of the workspace' : `the folder ${input(user.workingDirectory)}`
  const without = [user.exitCode, user.judgeOnly, ...(user.omit ?? [])].map(input).join(', ')
  return [
    `Step ${code('run')} runs ${input(user.command)} in the image that the parameter ${code('image')} names, in ${folder}. Step ${code('slipway')} judges what it left.`,
    `Inputs that the Task does not have, because it runs your program in a step of its own: ${without}.`,
  ]
}

function input(declared: string): string {
  return code(kebab(declared))
}

function budgetLine(definition: Definition): string {
  const { needed, available } = resultBudget(definition)
  if (needed <= available) return `Its results always fit: at most ${needed} of ${available} bytes.`
  return `Its results take up to ${needed} bytes, and ${available} are there: beyond that the run fails and names the longest.`
}

function secretLine({ name }: InputField): string {
  const [secret, key] = secretParamNames(name).map(code)
  return `${code(name)} comes from a Secret of the namespace, which ${secret} and ${key} name.`
}

/** What becomes of `$` on its way: see `literal` in tekton-container.ts. */
function dollarLines(definition: Definition): readonly string[] {
  const fields = inputFields(definition)
  const types = new Set(fields.filter((field) => !isSecret(field)).map(({ input: { kind } }) => kind.hosts.tekton))
  return [
    ...(types.size > 0 ? ['Tekton replaces what it knows in every parameter, such as `$(context.taskRun.name)`.'] : []),
    ...(types.has('string') ? ['All else in a text parameter arrives as it is, except that `$$` behind a `)` becomes `$`.'] : []),
    ...(types.has('array')
      ? [
          'In an array parameter Kubernetes expands `$(NAME)` when the step has a variable of that name, and turns `$$` into `$`: write `$$(NAME)` for the text `$(NAME)`.',
        ]
      : []),
  ]
}
