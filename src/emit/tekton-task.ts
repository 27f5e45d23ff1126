import { kebab, workspaceName } from '../base/names.ts'
import type { Definition } from '../spec/define.ts'
import { usesRegistry } from './fields.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { imageRemarks } from './image.ts'
import { container, type Form, restricted } from './tekton-container.ts'
import { metadata } from './tekton-metadata.ts'
import { distinctParams, inputParams, type Param, spread } from './tekton-params.ts'
import { computeResources, stepResources } from './tekton-resources.ts'
import { results } from './tekton-results.ts'
import { unlessEmpty, type Yaml, type YamlMap, yamlFile } from './yaml.ts'

const workspace = `$(workspaces.${workspaceName}.path)`

type UserStep = NonNullable<NonNullable<NonNullable<Definition['hosts']>['tekton']>['userStep']>

/** The Task of a task: one step of ours and, where the task judges the user's own program, that program's step before it. */
export function tektonTask(definition: Definition, options: EmitOptions): readonly EmittedFile[] {
  const { name, summary, hosts } = definition
  const resource: YamlMap = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: metadata({ name, displayName: `Slipway ${name}`, version: options.version, tags: [name], docs: `docs/tasks/${name}.md` }),
    spec: {
      description: summary,
      params: unlessEmpty(taskParams(definition)),
      results: unlessEmpty(results(definition)),
      workspaces: taskWorkspaces(definition),
      volumes: hosts?.tekton?.identity === true ? [identityVolume] : undefined,
      steps: steps(definition, options.image),
    },
  }
  return [yamlFile(`tekton/tasks/${name}.yaml`, options.source, resource, imageRemarks(options.image))]
}

/** The workspaces of a task; those that a run may leave unbound say so. */
export function taskWorkspaces(definition: Definition): readonly (YamlMap & { readonly name: string })[] {
  return [
    {
      name: workspaceName,
      description: 'The checkout, and in its folder .slipway what the tasks hand to one another: the release record, the layout, reports.',
    },
    ...(usesRegistry(definition)
      ? [
          {
            name: 'docker-config',
            description: 'Credentials for registries: a Secret whose key config.json is a Docker configuration.',
            optional: true,
          },
        ]
      : []),
    ...(definition.hosts?.tekton?.workspaces ?? []).map((one) => ({ ...one, optional: true })),
  ]
}

/** The parameters of a Task: its inputs and, for the user's own program, the image that it runs in. */
export function taskParams(definition: Definition): readonly Param[] {
  const user = definition.hosts?.tekton?.userStep
  if (user === undefined) return distinctParams(definition, inputParams(definition))
  const { command, exitCode, judgeOnly, omit = [], defaultImage } = user
  const description = 'The image to run `command` in, with tag and digest. It must work as user 65532.'
  return distinctParams(definition, [
    { name: 'image', type: 'string', description, ...(defaultImage === undefined ? {} : { default: defaultImage }) },
    ...inputParams(definition, [exitCode, judgeOnly, ...omit]).map((param) => (param.name === kebab(command) ? required(param) : param)),
  ])
}

/** Without a command the controller would ask the registry for the image's own, which fails offline and behind private CAs. */
function required({ default: _, description, ...param }: Param): Param {
  return { ...param, description: `${description} Required here.` }
}

function steps(definition: Definition, image: string): readonly Yaml[] {
  const user = definition.hosts?.tekton?.userStep
  const containers = user === undefined ? [container(definition, form(image))] : [userStep(user), judgeStep(definition, user, image)]
  return stepResources(definition).map(({ step, ...resources }, place) => ({
    name: step,
    ...containers[place],
    computeResources: computeResources(resources),
  }))
}

function judgeStep(definition: Definition, { command, exitCode, judgeOnly, omit = [] }: UserStep, image: string): YamlMap {
  const fixed = { [judgeOnly]: 'true', [exitCode]: '$(steps.step-run.exitCode.path)' }
  return container(definition, { ...form(image), fixed, omit: [command, ...omit] })
}

/** The user's program in the user's image. Its failure is judged by the step after it, from its exit code and the files it left. */
function userStep({ command, workingDirectory }: UserStep): YamlMap {
  return {
    image: '$(params.image)',
    command: [spread(kebab(command))],
    workingDir: workingDirectory === undefined ? workspace : `${workspace}/$(params.${kebab(workingDirectory)})`,
    env: [{ name: 'HOME', value: '/tekton/home' }],
    onError: 'continue',
    securityContext: restricted,
  }
}

/** What our own step of a Task is given. */
export function form(image: string): Form {
  return {
    image,
    workingDir: workspace,
    dockerConfig: '$(workspaces.docker-config.path)',
    resultPath: (name) => `$(results.${name}.path)`,
    identityVolume: identityVolume.name,
  }
}

/** A token of the run's service account, which Fulcio exchanges for a certificate; short-lived, for nothing else. */
const identityVolume = {
  name: 'identity',
  projected: { sources: [{ serviceAccountToken: { audience: 'sigstore', path: 'oidc-token', expirationSeconds: 600 } }] },
} as const satisfies YamlMap
