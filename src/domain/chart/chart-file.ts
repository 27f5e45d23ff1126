import { CORE_SCHEMA, load } from 'js-yaml'
import { valid } from 'semver'
import * as v from 'valibot'
import { messageOf } from '../../base/errors.ts'
import { chartInvalid } from './errors.ts'

const text = v.pipe(v.string(), v.maxLength(65_536))
const word = v.pipe(text, v.minLength(1))
const texts = v.pipe(v.array(text), v.maxLength(1000))
/** YAML takes `1.2` for a number, where its author means a version: Helm takes the letters, so does this. */
const version = v.union([text, v.pipe(v.number(), v.transform(String))])

/** `child` or `{ child, parent }`, with the keys in the order in which Go writes them. */
const importValue = v.union([
  text,
  v.pipe(
    v.record(v.string(), text),
    v.transform((one) => Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))),
  ),
])

const dependency = v.object({
  name: word,
  version: v.optional(version),
  repository: v.optional(text, ''),
  condition: v.optional(text),
  tags: v.optional(texts),
  'import-values': v.optional(v.pipe(v.array(importValue), v.maxLength(1000))),
  alias: v.optional(text),
})

/** Chart.yaml (helm.sh/docs/topics/charts, "The Chart.yaml File"), in the order in which Helm writes it as JSON. */
const schema = v.object({
  name: v.pipe(word, v.maxLength(250), v.regex(/^[a-zA-Z0-9._-]+$/, 'expected letters, digits, dots, dashes and underscores')),
  home: v.optional(text),
  sources: v.optional(texts),
  version: v.pipe(
    version,
    v.check((one) => valid(one) !== null, 'expected a semantic version such as 1.4.0'),
  ),
  description: v.optional(text),
  keywords: v.optional(texts),
  maintainers: v.optional(v.array(v.object({ name: word, email: v.optional(text), url: v.optional(text) }))),
  icon: v.optional(text),
  apiVersion: v.picklist(['v1', 'v2']),
  condition: v.optional(text),
  tags: v.optional(text),
  appVersion: v.optional(version),
  deprecated: v.optional(v.boolean()),
  annotations: v.optional(v.record(v.string(), text)),
  kubeVersion: v.optional(text),
  dependencies: v.optional(v.array(dependency)),
  type: v.optional(v.picklist(['application', 'library', ''])),
})

export type ChartFile = v.InferOutput<typeof schema>

/** Reads Chart.yaml; `where` names it. @throws SW-CHART-INVALID */
export function parseChartFile(bytes: Uint8Array, where: string): ChartFile {
  const parsed = v.safeParse(schema, yamlOf(bytes, where))
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw chartInvalid(`${where}: ${v.getDotPath(issue) ?? 'the chart'}: ${issue.message}.`)
}

/** Dependencies of a chart of version v1, which has them in requirements.yaml. @throws SW-CHART-INVALID */
export function parseRequirements(bytes: Uint8Array, where: string): ChartFile['dependencies'] {
  const parsed = v.safeParse(v.object({ dependencies: v.optional(v.array(dependency)) }), yamlOf(bytes, where))
  if (parsed.success) return parsed.output.dependencies
  throw chartInvalid(`${where}: ${parsed.issues[0].message}.`)
}

/** The tag of a version: a plus has no place in one (helm.sh/docs/topics/registries). */
export function tagOf({ version: own }: Pick<ChartFile, 'version'>): string {
  return own.replaceAll('+', '_')
}

function yamlOf(bytes: Uint8Array, where: string): unknown {
  try {
    return load(new TextDecoder('utf-8', { fatal: true }).decode(bytes), { schema: CORE_SCHEMA })
  } catch (cause) {
    throw chartInvalid(`${where} is no YAML: ${messageOf(cause).slice(0, 300)}.`, { cause })
  }
}
