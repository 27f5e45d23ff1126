import type { YamlMap } from './yaml.ts'

interface Subject {
  readonly name: string
  readonly displayName: string
  readonly version: string
  readonly tags: readonly string[]
}

/** The oldest long-term release of Tekton Pipelines that is still maintained (releases.md, 2026-11). */
const oldestTekton = '1.9.0'

/** Name, labels and annotations as the catalogs expect them (tektoncd/catalog TEP-0003, artifacthub.io). */
export function metadata({ name, displayName, version, tags }: Subject): YamlMap {
  return {
    name: resourceName(name),
    labels: { 'app.kubernetes.io/version': version, 'app.kubernetes.io/part-of': 'slipway' },
    annotations: {
      'tekton.dev/pipelines.minVersion': oldestTekton,
      'tekton.dev/categories': 'Continuous Integration',
      'tekton.dev/tags': ['slipway', ...tags].join(', '),
      'tekton.dev/displayName': displayName,
      'tekton.dev/platforms': 'linux/amd64,linux/arm64',
    },
  }
}

/** What a task or road is called in a namespace, where another `build` may live already. */
export function resourceName(name: string): string {
  return `slipway-${name}`
}
