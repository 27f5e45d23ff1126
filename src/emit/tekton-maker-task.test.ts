import { describe, expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import { restrictedViolations } from '../../test/checkers/pod-security.ts'
import { admissionViolations } from '../../test/checkers/tekton-admission.ts'
import type { Task } from '../../test/checkers/tekton-shapes.ts'
import type { Definition } from '../spec/define.ts'
import { boolean, secret, text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'
import { tektonMakerTask } from './tekton-maker-task.ts'

const definition = {
  name: 'pack',
  summary: 'Packs.',
  reads: [],
  writes: [],
  inputs: {
    how: text({ optional: true, summary: 'How.' }),
    ended: text({ optional: true, summary: 'How it ended.' }),
    note: text({ optional: true, summary: 'A note.' }),
    unknown: boolean({ default: false, summary: 'Nothing to this Task.' }),
    password: secret({ optional: true, summary: 'Nothing to it either.' }),
  },
  outputs: { digest: out.digest({ summary: 'What was packed.' }) },
  errors: [],
  hosts: {
    tekton: {
      makerStep: {
        ...{
          name: 'pack-made',
          summary: 'Packs what is made.',
          docs: 'docs/guide.md',
          image: 'An image that makes.',
          exitCode: 'ended',
          keep: ['note'],
        },
        params: [{ name: 'arguments', type: 'array', description: 'More.', default: [] }],
        ...{ command: ['make', 'it'], args: ['--fixed', '$(params.arguments[*])'], env: { MODE: 'plain' }, capabilities: ['SETUID'] },
        resources: { cpu: '1', memory: '1Gi' },
        fixed: [['how', 'taken']],
      },
    },
  },
} as const satisfies Definition

const options = { source: 'task.ts', doc: '', version: '1.0.0', image: `r/slipway:1@sha256:${'0'.repeat(64)}` }
const [file] = tektonMakerTask(definition, options)
const task = load(file?.content ?? '') as Task
const [maker, taker] = task.spec.steps

describe('the Task in which another program makes what ours takes over', () => {
  it('is none without such a program', () => expect(tektonMakerTask({ ...definition, hosts: {} }, options)).toEqual([]))

  it('is admitted, under a name of its own', () => {
    expect([file?.path, task.metadata.name]).toEqual(['tekton/tasks/pack-made.yaml', 'slipway-pack-made'])
    expect(admissionViolations(task)).toEqual([])
  })

  it('runs the program in the user’s image with named rights, and goes on when it fails', () => {
    expect(maker).toMatchObject({
      image: '$(params.image)',
      command: ['make', 'it'],
      args: ['--fixed', '$(params.arguments[*])'],
      onError: 'continue',
      securityContext: { runAsUser: 0, capabilities: { drop: ['ALL'], add: ['SETUID'] }, seccompProfile: { type: 'Unconfined' } },
    })
    expect(maker?.env?.map(({ name }) => name)).toEqual(['HOME', 'MODE'])
  })

  it('has every right that is not restricted in that step alone', () => {
    expect(restrictedViolations({ ...task, spec: { ...task.spec, steps: taker === undefined ? [] : [taker] } })).toEqual([])
    expect(restrictedViolations(task)).not.toEqual([])
  })

  it('gives our step what is fixed, the exit code and the inputs that are kept, and no other', () => {
    const given = taker?.env?.filter(({ name }) => name.startsWith('INPUT_')).map(({ name, value }) => [name, value])
    expect(given).toEqual([
      ['INPUT_HOW', 'taken'],
      ['INPUT_ENDED', '$(steps.step-run.exitCode.path)'],
      ['INPUT_NOTE', '$(literal:$(params.note))'],
    ])
    expect(task.spec.params?.map(({ name }) => name)).toEqual(['image', 'arguments', 'note'])
  })

  it('shares a volume that our step only reads', () => {
    expect([maker, taker]).toMatchObject([
      { volumeMounts: [{ name: 'storage', mountPath: '/var/lib/containers' }] },
      { volumeMounts: [{ name: 'storage', mountPath: '/var/lib/containers', readOnly: true }] },
    ])
  })
})
