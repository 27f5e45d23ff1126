/** A Task, a StepAction and a Pipeline that Tekton admits, and what each mutation of them makes it do. */
import { load } from 'js-yaml'

export const taskYaml = `
apiVersion: tekton.dev/v1
kind: Task
metadata: { name: sample }
spec:
  params:
    - { name: text, type: string, default: '' }
    - { name: many, type: array, default: [] }
    - { name: whole, type: object, properties: { key: { type: string } } }
    - { name: secret, default: none }
  results:
    - { name: digest, type: string }
  workspaces:
    - { name: source }
    - { name: config, optional: true, mountPath: /config }
  volumes:
    - name: token
      projected: { sources: [{ serviceAccountToken: { audience: sigstore, path: token } }] }
  steps:
    - name: run
      image: $(params.text)
      command: ["$(params.many[*])"]
      onError: continue
    - name: judge
      image: registry.example/slipway@sha256:${'a'.repeat(64)}
      command: [node, index.js]
      args: [--list=many, "$(params.many[*])", "$(params['text'])"]
      workingDir: $(workspaces.source.path)
      env:
        - { name: A, value: "$(params.text) $(params.whole.key) $(params.many[0])" }
        - { name: B, value: $(results.digest.path) }
        - { name: C, value: $(steps.step-run.exitCode.path) }
        - { name: D, value: $(context.taskRun.name) }
        - { name: E, valueFrom: { secretKeyRef: { name: $(params.secret), key: password, optional: true } } }
      volumeMounts: [{ name: token, mountPath: /var/run/token }]
`

export const stepActionYaml = `
apiVersion: tekton.dev/v1beta1
kind: StepAction
metadata: { name: sample }
spec:
  params: [{ name: text, default: '' }, { name: many, type: array }, { name: volume }]
  results: [{ name: digest }]
  image: registry.example/slipway
  command: [node]
  args: ["$(params.many[*])"]
  workingDir: $(params.text)
  env: [{ name: A, value: $(step.results.digest.path) }, { name: B, value: $(params.text) }]
  volumeMounts: [{ name: $(params.volume), mountPath: /token }]
`

export const pipelineYaml = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: { name: sample }
spec:
  params: [{ name: text }, { name: many, type: array }]
  workspaces: [{ name: source }]
  tasks:
    - name: one
      taskRef: { name: sample }
      params: [{ name: text, value: $(params.text) }, { name: many, value: ["$(params.many[*])"] }, { name: whole, value: { key: x } }]
      workspaces: [{ name: source }]
    - name: two
      taskRef: { name: sample }
      runAfter: [one]
      params: [{ name: text, value: a }, { name: whole, value: { key: x } }]
      workspaces: [{ name: source, workspace: source }]
  finally:
    - name: last
      taskRef: { name: sample }
      params: [{ name: text, value: $(tasks.status) }, { name: many, value: ["one=$(tasks.one.status)"] }, { name: whole, value: { key: x } }]
      workspaces: [{ name: source }]
  results: [{ name: digest, value: $(tasks.two.results.digest) }]
`

/** [the change: path = value in YAML, what Tekton 1.15's own validation said of it (recorded), what the checker says] */
type Sample = readonly [change: string, tekton: 'refuses' | 'admits', violation: RegExp]

export const taskSamples: readonly Sample[] = [
  ['spec.params.0.name = 1text', 'refuses', /1text: the name is malformed/],
  ['spec.params.2.name = wh.ole', 'refuses', /wh\.ole: the name is malformed/],
  ['spec.params.3.name = TEXT', 'admits', /TEXT: declared twice/],
  ['spec.params.0.default = []', 'refuses', /text: the default is no string/],
  ['spec.params.1.default = a', 'refuses', /many: the default is no array/],
  ['spec.params.2.properties = ~', 'refuses', /whole: an object needs properties/],
  ['spec.params.0.type = number', 'refuses', /spec\.params\.0\.type/],
  ['spec.params.0.enum = [a]', 'refuses', /spec\.params\.0\.enum/],
  ['spec.steps.1.env.0.value = $(params.many[*])', 'refuses', /env\.0\.value: the array .* is not a whole element/],
  ['spec.steps.1.env.0.value = $(params.many)', 'refuses', /env\.0\.value: the array .* is not a whole element/],
  ['spec.steps.1.args.1 = "x $(params.many[*])"', 'refuses', /args\.1: the array .* is not a whole element/],
  ['spec.steps.1.image = $(params.many[*])', 'refuses', /image: the array/],
  ['spec.steps.1.workingDir = $(params.many[*])', 'refuses', /workingDir: the array/],
  ['spec.steps.1.args.2 = $(params.whole.other)', 'refuses', /is not a key of the object/],
  ['spec.steps.1.args.2 = $(params.texts)', 'refuses', /\$\(params\.texts\) names no param/],
  ['spec.steps.1.args.2 = $(params["texts"])', 'refuses', /names no param/],
  ['spec.steps.1.env.4.valueFrom.secretKeyRef.name = $(params.none)', 'admits', /\$\(params\.none\) names no param/],
  ['spec.volumes.0.name = $(params.none)', 'admits', /\$\(params\.none\) names no param/],
  ['spec.steps.1.args.2 = $(context.taskRun.nme)', 'refuses', /\$\(context\.taskRun\.nme\) is not known/],
  ['spec.steps.1.env.1.value = $(results.digst.path)', 'admits', /\$\(results\.digst\.path\) is not known/],
  ['spec.steps.1.workingDir = $(workspaces.sauce.path)', 'admits', /\$\(workspaces\.sauce\.path\) is not known/],
  ['spec.steps.1.env.2.value = $(steps.step-walk.exitCode.path)', 'admits', /\$\(steps\.step-walk\.exitCode\.path\) is not known/],
  ['spec.steps.1.image = $(steps.run.results.x)', 'refuses', /\$\(steps\.run\.results\.x\) is not known/],
  ['spec.results.0.name = -digest', 'refuses', /result -digest: the name is malformed/],
  ['spec.results.0.name = d', 'admits', /\$\(results\.digest\.path\) is not known/],
  ['spec.results.0.type = number', 'refuses', /spec\.results\.0\.type/],
  ['spec.results.0.type = object', 'refuses', /result digest: an object needs properties/],
  ['spec.results.0.value = x', 'refuses', /result digest: the value is not a step's result/],
  ['spec.steps.1.name = Judge', 'refuses', /Judge: the name is not a DNS label/],
  ['spec.steps.1.name = run', 'refuses', /step run: used twice/],
  ['spec.steps.1.image = ~', 'refuses', /judge: no image/],
  ['spec.steps.1.script = echo', 'refuses', /judge: script and command exclude each other/],
  ['spec.steps.1.volumeMounts.0.mountPath = /tekton/results', 'refuses', /nothing may be mounted at \/tekton\/results/],
  ['spec.steps.1.volumeMounts.0.mountPath = /tekton/home/../creds', 'refuses', /nothing may be mounted at \/tekton\/creds/],
  ['spec.steps.1.volumeMounts.0.name = tekton-internal-x', 'refuses', /is reserved/],
  ['spec.steps.1.volumeMounts.0.name = tokn', 'admits', /no volume tokn/],
  ['spec.steps.1.params = [{name: a, value: b}]', 'refuses', /params without ref/],
  ['spec.steps.1.ref = {name: other}', 'refuses', /judge: image beside ref/],
  ['spec.steps.1.onError = ignore', 'refuses', /onError/],
  ['spec.steps.1.stdoutConfig = {path: x}', 'refuses', /stdoutConfig/],
  ['spec.steps.1.comand = [a]', 'refuses', /comand/],
  ['spec.steps.1.workspaces = [{name: other}]', 'refuses', /no workspace other/],
  ['spec.workspaces.1.name = source', 'refuses', /workspace source: used twice/],
  ['spec.workspaces.1.mountPath = /workspace/./source', 'refuses', /workspace mount path \/workspace\/source: used twice/],
  ['spec.workspaces.1.mountPath = /var/run/token', 'refuses', /workspace mount path \/var\/run\/token: used twice/],
  ['spec.volumes.1 = {name: token, emptyDir: {}}', 'refuses', /volume token: used twice/],
  ['spec.steps = []', 'refuses', /spec\.steps/],
  ['metadata.name = Sample', 'refuses', /not a DNS name/],
  [`metadata.name = ${'a'.repeat(64)}`, 'refuses', /not a DNS name/],
  ['spec.sidecar = []', 'refuses', /sidecar/],
]

export const stepActionSamples: readonly Sample[] = [
  ['spec.image = ~', 'refuses', /spec\.image/],
  ['spec.script = echo', 'refuses', /script and command exclude each other/],
  ['spec.script = echo $(params.text)', 'refuses', /a param in a script is refused/],
  ['spec.volumeMounts.0.name = token', 'refuses', /the name must be one param/],
  ['spec.volumeMounts.0.name = x$(params.volume)', 'refuses', /the name must be one param/],
  ['spec.volumeMounts.0.name = $(params.none)', 'refuses', /names no param/],
  ['spec.env.0.value = $(params.many[*])', 'refuses', /the array .* is not a whole element/],
  ['spec.env.1.value = $(params.none)', 'refuses', /names no param/],
  ['spec.env.0.value = $(step.results.digst.path)', 'admits', /names no result/],
  ['spec.env.0.value = $(results.digest.path)', 'admits', /is not known to a StepAction/],
  ['spec.env.0.value = $(workspaces.source.path)', 'admits', /is not known to a StepAction/],
  ['spec.params.2.name = Text', 'refuses', /Text: declared twice/],
  ['spec.results.0.name = _', 'refuses', /result _: the name is malformed/],
  ['spec.computeResources = {}', 'refuses', /computeResources/],
  ['spec.workspaces = []', 'refuses', /workspaces/],
  ['spec.onError = continue', 'refuses', /onError/],
  ['apiVersion = tekton.dev/v1', 'admits', /apiVersion/],
]

export const pipelineSamples: readonly Sample[] = [
  ['spec.tasks.1.name = one', 'refuses', /task one: declared twice/],
  ['spec.tasks.1.name = Two', 'refuses', /Two: the name is not a DNS label/],
  ['spec.tasks.1.runAfter = [three]', 'refuses', /runs after three/],
  ['spec.tasks.0.runAfter = [two]', 'refuses', /in a circle/],
  ['spec.tasks.0.params.0.value = $(params.texts)', 'refuses', /names no param/],
  ['spec.tasks.0.params.0.value = $(params.many[*])', 'admits', /the array .* is not a whole element/],
  ['spec.tasks.1.workspaces.0.workspace = sauce', 'refuses', /no workspace sauce/],
  ['spec.results.0.value = $(tasks.three.results.digest)', 'refuses', /names no task/],
  ['spec.results.0.name = -x', 'admits', /result -x: the name is malformed/],
  ['spec.finally.0.runAfter = [one]', 'refuses', /task last: is in finally, and waits for others/],
  ['spec.finally.0.name = one', 'refuses', /task one: declared twice/],
  ['spec.finally.0.params.0.value = $(tasks.three.status)', 'refuses', /task last: \$\(tasks\.three\.status\) names no task/],
  ['spec.finally.0.params.1.value = ["x=$(tasks.last.status)"]', 'refuses', /\$\(tasks\.last\.status\) names no task/],
  ['spec.finally.0.workspaces.0.name = sauce', 'refuses', /no workspace sauce/],
  ['spec.tasks.1.params.0.value = $(tasks.one.status)', 'refuses', /task two: asks for a status before finally/],
  ['spec.tasks = []', 'refuses', /spec\.tasks/],
  ['spec.tasks.0.taskReff = {}', 'refuses', /taskReff/],
]

/** The resource after `a.b.0 = value`; `~` removes the field. */
export function changed(yaml: string, change: string): unknown {
  const [, path = '', value = ''] = /^(\S+) = (.*)$/s.exec(change) ?? []
  const resource = load(yaml)
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.reduce<unknown>((node, key) => (node as Readonly<Record<string, unknown>>)[key], resource) as Record<string, unknown>
  if (value === '~') delete parent[last]
  else parent[last] = load(value)
  return resource
}
