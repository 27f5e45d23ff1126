import { loadAll, YAMLException } from 'js-yaml'
import * as v from 'valibot'
import { resourceInvalid } from './errors.ts'

const name = v.pipe(v.string(), v.maxLength(63), v.regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'expected a DNS label'))

// Loose: only what a bundle is about is looked at, all else is admission's and kept as it is.
const Resource = v.variant('kind', [
  v.looseObject({
    apiVersion: v.literal('tekton.dev/v1'),
    kind: v.picklist(['Task', 'Pipeline']),
    metadata: v.looseObject({ name }),
    spec: v.looseObject({}),
  }),
  v.looseObject({
    apiVersion: v.literal('tekton.dev/v1beta1'),
    kind: v.literal('StepAction'),
    metadata: v.looseObject({ name }),
    spec: v.looseObject({}),
  }),
])

/** A Task, Pipeline or StepAction under the API version that Tekton stores. */
export type Resource = v.InferOutput<typeof Resource>

/** In bytes; Kubernetes itself takes 1.5 MiB at most (etcd). */
const longest = 1024 * 1024

/** Reads the one resource of a text; `where` names it in errors. @throws SW-TEKTON-RESOURCE */
export function readResource(text: string, where: string): Resource {
  if (Buffer.byteLength(text) > longest) throw resourceInvalid(`${where} has more than ${longest} bytes.`)
  const documents = documentsOf(text, where).filter((document) => document !== null && document !== undefined)
  if (documents.length !== 1) throw resourceInvalid(`${where} holds ${documents.length} documents, expected one.`)
  const parsed = v.safeParse(Resource, documents[0])
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw resourceInvalid(`${where}: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}.`)
}

function documentsOf(text: string, where: string): readonly unknown[] {
  try {
    return loadAll(text, { maxDepth: 50, maxAliases: 0 })
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause
    throw resourceInvalid(`${where} is no YAML: line ${(cause.mark?.line ?? 0) + 1}: ${cause.reason}.`, { cause })
  }
}
