import { kebab } from '../../base/names.ts'
import { secretParamNames } from '../../emit/tekton-params.ts'
import { taskParams, taskWorkspaces } from '../../emit/tekton-task.ts'
import { wrap } from '../../report/width.ts'
import type { Definition } from '../../spec/define.ts'
import type { Flag } from '../flags.ts'
import { section } from '../help.ts'

/** The parameters of the Task as flags, and in place of each Secret the variable that holds its value. */
export function flagsOf(definition: Definition): readonly Flag[] {
  return [
    ...taskParams(definition).map(({ name, type }): Flag => ({ name, kind: type === 'array' ? 'values' : 'value' })),
    ...secretNames(definition).map(({ name }): Flag => ({ name, kind: 'value', secret: true })),
    { name: 'workspace', kind: 'values' },
    { name: 'results', kind: 'value' },
  ]
}

/** The secret inputs, and the parameters that name the Secret and the key which hold each. */
export function secretNames({ inputs }: Definition): readonly { readonly name: string; readonly secret: string; readonly key: string }[] {
  return Object.entries(inputs).flatMap(([declared, { kind }]) => {
    if (kind.name !== 'secret') return []
    const [secret, key] = secretParamNames(kebab(declared))
    return [{ name: kebab(declared), secret, key }]
  })
}

/** `slipway run --as tekton <task> --help` */
export function asHelp(definition: Definition, columns: number): readonly string[] {
  const { name } = definition
  const params = taskParams(definition).map(({ name: param, type, description }) => [`--${param} <${type}>`, description] as const)
  const secrets = secretNames(definition).map(
    ({ name: secret }) => [`--${secret}-from-env <variable>`, `The value of \`${secret}\`, in place of a Secret.`] as const,
  )
  const bound = taskWorkspaces(definition).map(({ name: workspace }) => workspace)
  return [
    ...wrap(`slipway run --as tekton ${name}: the Task slipway-${name} as in a pod, with the programs of this machine.`, columns),
    '',
    ...section('parameters', [...params, ...secrets], columns),
    '',
    ...section(
      'flags',
      [
        ['--workspace <name=folder>', `Binds a workspace: ${bound.join(', ')}. Default: ${bound[0]} is this folder.`],
        ['--results <folder>', 'Keeps the result files there.'],
      ],
      columns,
    ),
    '',
    ...wrap('An array is given item by item: the flag again and again. Values go through what Tekton and Kubernetes do to them.', columns),
  ]
}
