/** Tasks that do not exist, one for each thing that an emitter can do. */
import { defineError } from '../../src/base/errors.ts'
import { docs, docsIndex } from '../../src/emit/docs.ts'
import { docsErrors } from '../../src/emit/docs-errors.ts'
import type { EmitOptions, EmittedFile } from '../../src/emit/file.ts'
import { github, githubRoot } from '../../src/emit/github.ts'
import { pipelineSchema } from '../../src/emit/json-schema.ts'
import { registry } from '../../src/emit/registry.ts'
import { tektonPipeline } from '../../src/emit/tekton-pipeline.ts'
import { tektonStepAction } from '../../src/emit/tekton-stepaction.ts'
import { tektonTask } from '../../src/emit/tekton-task.ts'
import { type Definition, defineTask } from '../../src/spec/define.ts'
import * as kinds from '../../src/spec/kinds.ts'
import { out } from '../../src/spec/output.ts'

const full = defineError({
  code: 'SW-SAMPLE-FULL',
  fault: 'environment',
  title: 'The disk is full.',
  causes: ['Too many layouts are kept.', 'Another program writes to the same disk.'],
  fix: 'Remove what is not needed: `rm -r .slipway`.',
})
const refused = defineError({
  code: 'SW-SAMPLE-NO',
  fault: 'policy',
  title: 'The answer is no.',
  causes: ['The policy | says so.'],
  fix: 'Read the policy.',
})

const plain = { reads: [], writes: [], outputs: {}, errors: [] } as const

/** Every kind of input, and every way to meet an absent one. */
export const kindsTask = defineTask({
  ...plain,
  name: 'every-kind',
  summary: 'Takes one input of each kind.',
  reads: ['subject'],
  inputs: {
    aString: kinds.text({ required: true, summary: 'A text, with "quotes" and: colons', example: "it's $(HOME)" }),
    aBoolean: kinds.boolean({ default: true, summary: 'A boolean.' }),
    anInteger: kinds.integer({ default: 3, min: 0, max: 9, summary: 'A number.' }),
    anEnum: kinds.choice(['low', 'high'], { default: 'high', summary: 'A choice.' }),
    aList: kinds.list({ default: ['a, b', 'c'], summary: 'A list.' }),
    aMap: kinds.map({ default: { key: 'a=b', other: '' }, summary: 'A map.' }),
    aDuration: kinds.duration({ default: 90_000, summary: 'A duration.' }),
    aSize: kinds.bytes({ default: 1024, summary: 'A size.' }),
    aPath: kinds.path({ from: 'subject.layout', summary: 'A path.' }),
    anImage: kinds.image({ optional: true, summary: 'An image.' }),
    aDigest: kinds.digest({ from: 'subject.digest', optional: true, summary: 'A digest.' }),
    aUrl: kinds.url({ default: 'https://example.com/', summary: 'An address.' }),
    aSecret: kinds.secret({ optional: true, summary: 'A secret.' }),
  },
})

const lists = defineTask({
  ...plain,
  name: 'lists',
  summary: 'Takes lists.',
  inputs: {
    between: kinds.text({ default: 'x', summary: 'A text between lists.' }),
    required: kinds.list({ required: true, summary: 'A list that must be given.' }),
    labels: kinds.map({ optional: true, summary: 'A map.' }),
  },
})

const secrets = defineTask({
  ...plain,
  name: 'secrets',
  summary: 'Takes secrets.',
  inputs: {
    password: kinds.secret({ required: true, summary: 'A password.' }),
    accessToken: kinds.secret({ optional: true, summary: 'A token.' }),
  },
})

const images = defineTask({
  ...plain,
  name: 'images',
  summary: 'Gives an image.',
  inputs: { base: kinds.image({ optional: true, summary: 'A base.' }) },
  outputs: {
    image: out.image({ summary: 'The image.' }),
    digest: out.digest({ summary: 'Its digest.' }),
    size: out.integer({ summary: 'Its size.' }),
    share: out.number({ summary: 'A share.' }),
    changed: out.boolean({ summary: 'Whether it changed.' }),
    layout: out.path({ summary: 'A folder.' }),
    page: out.url({ summary: 'A page.' }),
    note: out.text({ summary: 'A note.' }),
  },
  environment: ['DOCKER_CONFIG'],
})

const userStep = defineTask({
  ...plain,
  name: 'user-step',
  summary: 'Judges what the user’s own program did.',
  inputs: {
    command: kinds.list({ default: [], summary: 'The program.' }),
    workingDirectory: kinds.path({ default: '.', summary: 'Where it starts.' }),
    reports: kinds.list({ default: ['**/*.xml'], summary: 'Its reports.' }),
    retries: kinds.integer({ default: 0, summary: 'How often it runs again.' }),
    exitCode: kinds.path({ optional: true, summary: 'The file with its exit code.' }),
    judgeOnly: kinds.boolean({ default: false, summary: 'Whether it has run already.' }),
  },
  outputs: { passed: out.integer({ summary: 'How many passed.' }), failed: out.integer({ summary: 'How many failed.' }) },
  hosts: {
    tekton: {
      userStep: {
        command: 'command',
        exitCode: 'exitCode',
        judgeOnly: 'judgeOnly',
        workingDirectory: 'workingDirectory',
        omit: ['retries'],
        defaultImage: `node.example/node:24@sha256:${'a'.repeat(64)}`,
      },
      testOutput: 'counts',
      resources: { cpu: '1', memory: '2Gi', memoryLimit: '4Gi' },
    },
  },
})

const identity = defineTask({
  ...plain,
  name: 'identity',
  summary: 'Needs to prove who runs it.',
  inputs: {},
  permissions: { github: { 'id-token': 'write', contents: 'read' } },
  hosts: { tekton: { identity: true }, github: { icon: 'lock', color: 'green' } },
})

/** Reads, writes, rules, errors and variables: what only the documentation shows. */
const documented = defineTask({
  name: 'documented',
  summary: 'Is documented.',
  reads: ['subject', 'tests'],
  writes: ['pushes'],
  inputs: {
    a: kinds.text({ optional: true, summary: 'One | of two.' }),
    b: kinds.text({ optional: true, summary: 'The other.' }),
    keyFile: kinds.path({ optional: true, summary: 'A key.', example: 'cosign.pub' }),
  },
  outputs: { verdict: out.text({ summary: 'The verdict.' }) },
  rules: [{ exactlyOneOf: ['a', 'b'] }, { atMostOneOf: ['a', 'keyFile'] }, { requires: ['keyFile', 'b'] }, { conflicts: ['a', 'keyFile'] }],
  permissions: { github: { packages: 'write' } },
  errors: [full, refused],
  environment: ['DOCKER_CONFIG', 'HOME'],
})

const wide = defineTask({
  ...plain,
  name: 'wide',
  summary: 'Gives more than Tekton carries at worst.',
  inputs: {},
  outputs: {
    one: out.text({ summary: 'One.' }),
    two: out.text({ summary: 'Two.' }),
    three: out.path({ summary: 'Three.' }),
    four: out.url({ summary: 'Four.' }),
  },
})

const large = defineTask({
  ...plain,
  name: 'large-output',
  summary: 'Finds out more than an output holds.',
  inputs: {},
  outputs: { findings: out.file({ summary: 'What was found, as JSON.' }), count: out.integer({ summary: 'How many.' }) },
})

/** Out of order on purpose: `ship` reads what `make` writes. */
const ship = defineTask({
  name: 'ship',
  summary: 'Ships.',
  reads: ['subject', 'tests'],
  writes: ['pushes'],
  inputs: {
    image: kinds.image({ required: true, summary: 'Where to.' }),
    layout: kinds.path({ from: 'subject.layout', summary: 'What.' }),
    tags: kinds.list({ default: [], summary: 'Tags.' }),
    password: kinds.secret({ optional: true, summary: 'A password.' }),
  },
  outputs: { image: out.image({ summary: 'The image.' }) },
  errors: [],
  environment: ['DOCKER_CONFIG'],
})
const check = defineTask({
  ...plain,
  name: 'check',
  summary: 'Checks.',
  writes: ['tests'],
  inputs: {},
  outputs: { passed: out.integer({ summary: 'How many.' }) },
})
const make = defineTask({
  ...plain,
  name: 'make',
  summary: 'Makes.',
  writes: ['subject'],
  inputs: { image: kinds.path({ default: '.', summary: 'From what.' }) },
})

const seal = defineTask({
  ...plain,
  name: 'seal',
  summary: 'Seals.',
  reads: ['pushes'],
  writes: ['signatures'],
  inputs: {
    image: kinds.image({ optional: true, summary: 'What.' }),
    strict: kinds.boolean({ default: false, summary: 'Whether.' }),
    tags: kinds.list({ default: [], summary: 'Which.' }),
    password: kinds.secret({ optional: true, summary: 'A password.' }),
  },
})

const tell = defineTask({
  ...plain,
  name: 'tell',
  summary: 'Tells.',
  inputs: {
    how: kinds.text({ optional: true, summary: 'How it ended.' }),
    tasks: kinds.map({ default: {}, summary: 'How each did.' }),
    channel: kinds.text({ default: 'all', summary: 'To whom.' }),
  },
  hosts: { tekton: { finally: { status: 'how', tasks: 'tasks' } } },
})

const root = defineTask({
  ...plain,
  name: 'slipway',
  summary: 'Runs them.',
  inputs: { with: kinds.map({ optional: true, summary: 'Inputs.' }) },
  outputs: { record: out.path({ summary: 'The record.' }) },
  hosts: { github: { icon: 'anchor', color: 'blue' } },
})

const doc = 'What the author wrote of [another](wide.md), and [its guide](../guides/wide.md).\n\n## On GitHub\n\n```yaml\n- uses: …\n```\n'

export const release = { version: '1.2.3', image: `registry.example/slipway:1.2.3@sha256:${'b'.repeat(64)}` }

const optionsOf = ({ name }: Definition): EmitOptions => ({ ...release, source: `src/tasks/${name}/task.ts`, doc })
const all = (
  task: Definition,
  ...emitters: readonly ((task: Definition, options: EmitOptions) => readonly EmittedFile[])[]
): readonly EmittedFile[] => emitters.flatMap((emit) => emit(task, optionsOf(task)))

/** What each feature gives; the names are the folders of `fixtures`. */
export const features: Readonly<Record<string, () => readonly EmittedFile[]>> = {
  kinds: () => [...all(kindsTask, github, tektonTask), ...pipelineSchema([kindsTask], 'src/tasks/*/task.ts')],
  lists: () => all(lists, tektonTask, tektonStepAction),
  secrets: () => all(secrets, github, tektonTask, tektonStepAction),
  'image-output': () => all(images, github, tektonTask, tektonStepAction),
  'user-step': () => all(userStep, tektonTask, tektonStepAction, docs),
  identity: () => all(identity, github, tektonTask, tektonStepAction),
  documentation: () => [...all(documented, github, docs), ...all(wide, docs), ...docsIndex([documented, wide], 'src/tasks/*/task.ts')],
  'large-output': () => all(large, github, tektonTask, docs),
  errors: () => docsErrors([refused, full, refused], 'src/**/errors.ts'),
  road: () => [
    ...all(check, tektonTask),
    ...all(make, tektonTask),
    ...all(ship, tektonTask),
    ...all(tell, tektonTask),
    ...tektonPipeline(
      { name: 'voyage', summary: 'All of it.', tasks: [ship, tell, check, make] },
      { source: 'src/roads.ts', version: '1.2.3' },
    ),
  ],
  'road-decided': () => [
    ...all(make, tektonTask),
    ...all(ship, tektonTask),
    ...all(seal, tektonTask),
    ...tektonPipeline(
      {
        name: 'sealed-voyage',
        summary: 'A road that decides by itself.',
        tasks: [make, ship, seal],
        decided: { seal: { image: 'unset', strict: { value: 'true' }, password: { as: 'ship' } } },
      },
      { source: 'src/roads.ts', version: '1.2.3' },
    ),
  ],
  root: () => githubRoot(root, [secrets], 'src/pipeline/root.ts'),
  placeholder: () => tektonTask(lists, { ...optionsOf(lists), image: `registry.example/slipway:0.1.0@sha256:${'0'.repeat(64)}` }),
  registry: () => registry(['push', 'argocd-sync']),
}
