/**
 * The fields that Tekton 1.9 to 1.15 admits on a default install, and their types (tektoncd/pipeline pkg/apis/pipeline/v1 and
 * v1beta1). Fields that only an alpha install takes (`params[].enum`, `stdoutConfig`, …) are left out on purpose: rule 7.
 */
import * as v from 'valibot'

const text = v.string()
const texts = v.array(text)
const optional = <const S extends v.GenericSchema>(schema: S) => v.optional(schema)
const quantities = v.record(text, v.union([text, v.number()]))

const keyRef = v.strictObject({ name: text, key: text, optional: optional(v.boolean()) })
const env = v.strictObject({
  name: text,
  value: optional(text),
  valueFrom: optional(
    v.strictObject({
      secretKeyRef: optional(keyRef),
      configMapKeyRef: optional(keyRef),
      fieldRef: optional(v.strictObject({ fieldPath: text })),
    }),
  ),
})
const securityContext = v.strictObject({
  allowPrivilegeEscalation: optional(v.boolean()),
  capabilities: optional(v.strictObject({ add: optional(texts), drop: optional(texts) })),
  privileged: optional(v.boolean()),
  procMount: optional(text),
  readOnlyRootFilesystem: optional(v.boolean()),
  runAsNonRoot: optional(v.boolean()),
  runAsUser: optional(v.number()),
  runAsGroup: optional(v.number()),
  seccompProfile: optional(v.strictObject({ type: text, localhostProfile: optional(text) })),
})
const volumeMount = v.strictObject({ name: text, mountPath: text, readOnly: optional(v.boolean()), subPath: optional(text) })
const paramType = v.picklist(['string', 'array', 'object'])
const properties = v.record(text, v.strictObject({ type: v.literal('string') }))
const paramSpec = v.strictObject({
  name: text,
  type: optional(paramType),
  description: optional(text),
  properties: optional(properties),
  default: optional(v.union([text, texts, v.record(text, text)])),
})
const result = v.strictObject({
  name: text,
  type: optional(paramType),
  properties: optional(properties),
  description: optional(text),
  value: optional(text),
})
const param = v.strictObject({ name: text, value: v.union([text, texts, v.record(text, text)]) })

const step = v.strictObject({
  name: optional(text),
  displayName: optional(text),
  image: optional(text),
  command: optional(texts),
  args: optional(texts),
  workingDir: optional(text),
  env: optional(v.array(env)),
  computeResources: optional(v.strictObject({ requests: optional(quantities), limits: optional(quantities) })),
  volumeMounts: optional(v.array(volumeMount)),
  imagePullPolicy: optional(text),
  securityContext: optional(securityContext),
  script: optional(text),
  timeout: optional(text),
  workspaces: optional(v.array(v.strictObject({ name: text, mountPath: optional(text) }))),
  onError: optional(v.picklist(['continue', 'stopAndFail'])),
  ref: optional(v.strictObject({ name: optional(text), resolver: optional(text), params: optional(v.array(param)) })),
  params: optional(v.array(param)),
  results: optional(v.array(result)),
  when: optional(v.array(v.unknown())),
})
const volume = v.strictObject({
  name: text,
  configMap: optional(v.looseObject({ name: optional(text) })),
  emptyDir: optional(v.looseObject({})),
  hostPath: optional(v.looseObject({ path: text })),
  persistentVolumeClaim: optional(v.looseObject({ claimName: text })),
  projected: optional(v.looseObject({ sources: v.array(v.looseObject({})) })),
  secret: optional(v.looseObject({ secretName: optional(text) })),
})
const metadata = v.strictObject({
  name: text,
  namespace: optional(text),
  labels: optional(v.record(text, text)),
  annotations: optional(v.record(text, text)),
})

export const task = v.strictObject({
  apiVersion: v.literal('tekton.dev/v1'),
  kind: v.literal('Task'),
  metadata,
  spec: v.strictObject({
    displayName: optional(text),
    description: optional(text),
    params: optional(v.array(paramSpec)),
    steps: v.pipe(v.array(step), v.minLength(1)),
    results: optional(v.array(result)),
    volumes: optional(v.array(volume)),
    workspaces: optional(
      v.array(
        v.strictObject({
          name: text,
          description: optional(text),
          mountPath: optional(text),
          readOnly: optional(v.boolean()),
          optional: optional(v.boolean()),
        }),
      ),
    ),
  }),
})

export const stepAction = v.strictObject({
  apiVersion: v.literal('tekton.dev/v1beta1'),
  kind: v.literal('StepAction'),
  metadata,
  spec: v.strictObject({
    description: optional(text),
    image: text,
    command: optional(texts),
    args: optional(texts),
    env: optional(v.array(env)),
    script: optional(text),
    workingDir: optional(text),
    params: optional(v.array(paramSpec)),
    results: optional(v.array(result)),
    securityContext: optional(securityContext),
    volumeMounts: optional(v.array(volumeMount)),
  }),
})

const pipelineTask = v.strictObject({
  name: text,
  displayName: optional(text),
  description: optional(text),
  taskRef: v.strictObject({ name: text, kind: optional(text) }),
  runAfter: optional(texts),
  when: optional(v.array(v.strictObject({ input: text, operator: v.picklist(['in', 'notin']), values: texts }))),
  retries: optional(v.number()),
  timeout: optional(text),
  onError: optional(v.picklist(['continue', 'stopAndFail'])),
  params: optional(v.array(param)),
  workspaces: optional(v.array(v.strictObject({ name: text, workspace: optional(text), subPath: optional(text) }))),
})

export const pipeline = v.strictObject({
  apiVersion: v.literal('tekton.dev/v1'),
  kind: v.literal('Pipeline'),
  metadata,
  spec: v.strictObject({
    displayName: optional(text),
    description: optional(text),
    params: optional(v.array(paramSpec)),
    tasks: v.pipe(v.array(pipelineTask), v.minLength(1)),
    finally: optional(v.array(pipelineTask)),
    workspaces: optional(v.array(v.strictObject({ name: text, description: optional(text), optional: optional(v.boolean()) }))),
    results: optional(
      v.array(v.strictObject({ name: text, type: optional(paramType), description: optional(text), value: v.union([text, texts]) })),
    ),
  }),
})

export type Task = v.InferOutput<typeof task>
export type StepAction = v.InferOutput<typeof stepAction>
export type Pipeline = v.InferOutput<typeof pipeline>
export type Step = v.InferOutput<typeof step>
export type ParamSpec = v.InferOutput<typeof paramSpec>
export type SecurityContext = v.InferOutput<typeof securityContext>
export type Volume = v.InferOutput<typeof volume>
