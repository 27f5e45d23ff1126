import type { Definition } from '../spec/define.ts'
import { usesRegistry } from './fields.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { imageRemarks } from './image.ts'
import { container } from './tekton-container.ts'
import { metadata } from './tekton-metadata.ts'
import { distinctParams, inputParams, type Param } from './tekton-params.ts'
import { computeResources } from './tekton-resources.ts'
import { results } from './tekton-results.ts'
import { form, taskWorkspaces } from './tekton-task.ts'
import { unlessEmpty, type YamlMap, yamlFile } from './yaml.ts'

type MakerStep = NonNullable<NonNullable<NonNullable<Definition['hosts']>['tekton']>['makerStep']>

/** Where the maker leaves what our step takes over, and keeps what is its own. */
const storage = { name: 'storage', mountPath: '/var/lib/containers' } as const

/** The Task in which another program makes what the task takes over; none where the definition names no such program. */
export function tektonMakerTask(definition: Definition, options: EmitOptions): readonly EmittedFile[] {
  const maker = definition.hosts?.tekton?.makerStep
  if (maker === undefined) return []
  const { name, summary, docs } = maker
  const resource: YamlMap = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: metadata({ name, displayName: `Slipway ${name}`, version: options.version, tags: [definition.name, name], docs }),
    spec: {
      description: summary,
      params: distinctParams(definition, [...makerParams(maker), ...inputParams(definition, notKept(definition, maker))]),
      results: unlessEmpty(results(definition)),
      workspaces: [
        ...taskWorkspaces(definition),
        {
          name: 'build-secrets',
          description: 'A Secret whose keys are files for the program, under /workspace/build-secrets.',
          optional: true,
        },
      ],
      volumes: [{ name: storage.name, emptyDir: {} }],
      steps: [makerStep(definition, maker), takerStep(definition, maker, options.image)],
    },
  }
  return [yamlFile(`tekton/tasks/${name}.yaml`, options.source, resource, imageRemarks(options.image))]
}

function makerParams({ image, params }: MakerStep): readonly Param[] {
  return [{ name: 'image', type: 'string', description: image }, ...params]
}

function notKept(definition: Definition, { keep }: MakerStep): readonly string[] {
  return Object.keys(definition.inputs).filter((input) => !keep.includes(input))
}

/** More rights than any other step: only what the program needs to make users and namespaces of its own. */
function makerStep(definition: Definition, { command, args, env, capabilities, resources }: MakerStep): YamlMap {
  return {
    name: 'run',
    image: '$(params.image)',
    command: [...command],
    args: [...args],
    workingDir: '$(workspaces.source.path)',
    env: [
      { name: 'HOME', value: '/tekton/home' },
      ...(usesRegistry(definition) ? [{ name: 'DOCKER_CONFIG', value: '$(workspaces.docker-config.path)' }] : []),
      ...Object.entries(env).map(([name, value]) => ({ name, value })),
    ],
    onError: 'continue',
    securityContext: {
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: [...capabilities] },
      seccompProfile: { type: 'Unconfined' },
    },
    volumeMounts: [storage],
    computeResources: computeResources(resources),
  }
}

function takerStep(definition: Definition, maker: MakerStep, image: string): YamlMap {
  const { fixed, exitCode } = maker
  const given: Readonly<Record<string, string>> = {
    ...Object.fromEntries(fixed),
    [exitCode]: '$(steps.step-run.exitCode.path)',
  }
  const omit = notKept(definition, maker).filter((input) => !(input in given))
  const { volumeMounts: _, ...step } = container(definition, { ...form(image), fixed: given, omit })
  return {
    name: 'slipway',
    ...step,
    volumeMounts: [{ ...storage, readOnly: true }],
    computeResources: computeResources(definition.hosts?.tekton?.resources ?? { cpu: '100m', memory: '128Mi' }),
  }
}
