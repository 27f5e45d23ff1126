import type { Definition } from '../spec/define.ts'
import { usesRegistry } from './fields.ts'
import type { EmitOptions, EmittedFile } from './file.ts'
import { imageRemarks } from './image.ts'
import { container } from './tekton-container.ts'
import { metadata } from './tekton-metadata.ts'
import { distinctParams, inputParams, type Param } from './tekton-params.ts'
import { results } from './tekton-results.ts'
import { unlessEmpty, type YamlMap, yamlFile } from './yaml.ts'

/** The StepAction of a task: its step alone, for Tasks that others write. What a Task would declare around it comes as parameters. */
export function tektonStepAction(definition: Definition, options: EmitOptions): readonly EmittedFile[] {
  const { name, summary } = definition
  const form = {
    image: options.image,
    workingDir: '$(params.workspace)',
    dockerConfig: '$(params.docker-config)',
    resultPath: (result: string) => `$(step.results.${result}.path)`,
    identityVolume: '$(params.identity-volume)',
  }
  const resource: YamlMap = {
    apiVersion: 'tekton.dev/v1beta1',
    kind: 'StepAction',
    metadata: metadata({ name, displayName: `Slipway ${name}`, version: options.version, tags: [name], docs: `docs/tasks/${name}.md` }),
    spec: {
      description: summary,
      params: distinctParams(definition, [...inputParams(definition), ...placeParams(definition)]),
      results: unlessEmpty(results(definition)),
      ...container(definition, form),
    },
  }
  return [yamlFile(`tekton/stepactions/${name}.yaml`, options.source, resource, imageRemarks(options.image))]
}

function placeParams(definition: Definition): readonly Param[] {
  return [
    { name: 'workspace', type: 'string', description: 'Path of the workspace with the checkout and .slipway: $(workspaces.<name>.path).' },
    ...(usesRegistry(definition)
      ? [
          {
            name: 'docker-config',
            type: 'string',
            description: 'Path of a folder whose config.json holds credentials for registries.',
            default: '',
          } as const,
        ]
      : []),
    ...(definition.hosts?.tekton?.identity === true
      ? [
          {
            name: 'identity-volume',
            type: 'string',
            description: 'Name of a volume with a service account token for the audience sigstore at oidc-token.',
          } as const,
        ]
      : []),
  ]
}
