import { inputVariable, kebab, resultVariable } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import { inputFields, isSecret, usesRegistry } from './fields.ts'
import { secretParamNames, spread } from './tekton-params.ts'
import { results } from './tekton-results.ts'
import { unlessEmpty, type Yaml, type YamlMap } from './yaml.ts'

/** What differs between a Task's own step and a StepAction. */
export interface Form {
  readonly image: string
  readonly workingDir: string
  /** The folder that holds a Docker configuration; empty when there is none. */
  readonly dockerConfig: string
  resultPath(name: string): string
  /** The name of the volume with the service account's token. */
  readonly identityVolume: string
  /** Inputs, as declared, whose value no parameter gives. */
  readonly fixed?: Readonly<Record<string, string>>
  /** Inputs, as declared, that this container does not get. */
  readonly omit?: readonly string[]
}

/** Everything that Pod Security "restricted" asks of a container. */
export const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 65532,
  seccompProfile: { type: 'RuntimeDefault' },
} as const satisfies YamlMap

/** The bundle's container: never a script, values only in `env` and as whole elements of `args`. */
export function container(definition: Definition, form: Form): YamlMap {
  return {
    image: form.image,
    command: ['node', `/opt/slipway/dist/${definition.name}/index.js`],
    args: unlessEmpty(listArgs(definition, form)),
    workingDir: form.workingDir,
    env: environment(definition, form),
    securityContext: { ...restricted, readOnlyRootFilesystem: true },
    volumeMounts: definition.hosts?.tekton?.identity === true ? [identityMount(form.identityVolume)] : undefined,
  }
}

/**
 * Kubernetes expands `$(NAME)` in a value when NAME stands before it in the list, and anywhere in arguments. So what is ours comes
 * after what is given, the secrets come last, and nothing has a name, such as HOME, that an honest value could hold.
 */
function environment(definition: Definition, form: Form): readonly Yaml[] {
  const variables: readonly (YamlMap & { readonly name: string })[] = [
    ...valueVariables(definition, form),
    ...results(definition).map(({ name }) => ({ name: resultVariable(name), value: form.resultPath(name) })),
    { name: 'SLIPWAY_HOST', value: 'tekton' },
    { name: 'SLIPWAY_HOME', value: '/tekton/home' },
    ...(usesRegistry(definition) ? [{ name: 'DOCKER_CONFIG', value: form.dockerConfig }] : []),
    ...secretVariables(definition, form),
  ]
  const names = variables.map(({ name }) => name)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw new Error(`${definition.name}: the variable ${twice} is needed twice; rename an input or output`)
  return variables
}

function valueVariables(
  definition: Definition,
  { fixed = {}, omit = [] }: Form,
): readonly { readonly name: string; readonly value: string }[] {
  return Object.entries(definition.inputs)
    .filter(([declared, { kind }]) => kind.hosts.tekton === 'string' && kind.name !== 'secret' && !omit.includes(declared))
    .map(([declared]) => ({ name: inputVariable(kebab(declared)), value: fixed[declared] ?? literal(kebab(declared)) }))
}

/**
 * A parameter inside a reference to a variable that no container has: Kubernetes leaves such a reference as it is, while
 * in a plain value it would turn `$$` into `$`. The host takes the wrapping off (`host/tekton/literal.ts`).
 */
function literal(param: string): string {
  return `$(literal:$(params.${param}))`
}

function secretVariables(definition: Definition, { omit = [] }: Form): readonly (YamlMap & { readonly name: string })[] {
  const left = omit.map(kebab)
  return inputFields(definition)
    .filter((field) => isSecret(field) && !left.includes(field.name))
    .map(({ name }) => {
      const [secret, key] = secretParamNames(name)
      const secretKeyRef = { name: `$(params.${secret})`, key: `$(params.${key})`, optional: true }
      return { name: inputVariable(name), valueFrom: { secretKeyRef } }
    })
}

/** Each list after a marker of its own; an empty list leaves nothing between two markers. */
function listArgs(definition: Definition, { omit = [] }: Form): readonly string[] {
  return Object.entries(definition.inputs)
    .filter(([declared, { kind }]) => kind.hosts.tekton === 'array' && !omit.includes(declared))
    .flatMap(([declared]) => [`--list=${kebab(declared)}`, spread(kebab(declared))])
}

function identityMount(name: string): YamlMap {
  return { name, mountPath: '/var/run/sigstore/cosign', readOnly: true }
}
