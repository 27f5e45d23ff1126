import type { YamlMap } from './yaml.ts'

interface Subject {
  readonly name: string
  readonly displayName: string
  readonly version: string
  readonly tags: readonly string[]
  /** The page for users, relative to the repository. */
  readonly docs: string
}

/** Where the sources are. */
export const homepage = 'https://github.com/slipway-ci/slipway'

/** The oldest long-term release of Tekton Pipelines that is still maintained (releases.md, 2026-11). */
const oldestTekton = '1.9.0'

/** Name, labels and annotations as the catalogs expect them (tektoncd/catalog TEP-0003, artifacthub.io/docs/topics/annotations/tekton). */
export function metadata({ name, displayName, version, tags, docs }: Subject): YamlMap {
  return {
    name: resourceName(name),
    labels: { 'app.kubernetes.io/version': version, 'app.kubernetes.io/part-of': 'slipway' },
    annotations: {
      'tekton.dev/pipelines.minVersion': oldestTekton,
      'tekton.dev/categories': 'Continuous Integration',
      'tekton.dev/tags': ['slipway', ...tags].join(', '),
      'tekton.dev/displayName': displayName,
      'tekton.dev/platforms': 'linux/amd64,linux/arm64',
      'artifacthub.io/category': 'integration-delivery',
      'artifacthub.io/license': 'Apache-2.0',
      'artifacthub.io/links': links({ documentation: `${homepage}/blob/v${version}/${docs}`, support: `${homepage}/issues` }),
    },
  }
}

/** What a task or road is called in a namespace, where another `build` may live already. */
export function resourceName(name: string): string {
  return `slipway-${name}`
}

/** A YAML list within an annotation; JSON is YAML. */
function links(urls: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(urls).map(([name, url]) => ({ name, url })))
}
