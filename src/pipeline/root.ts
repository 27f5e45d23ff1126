import { defineTask } from '../spec/define.ts'
import { boolean, map, path, text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'

/** What the root action takes and gives. It is no task: the pipeline runs what it names. */
export const root = defineTask({
  name: 'slipway',
  summary: 'The road from a commit to a verified release: run the tasks of a pipeline file, or one task by its name.',
  reads: [],
  writes: [],
  inputs: {
    task: text({ optional: true, summary: 'A task to run alone; without it the pipeline file runs.', example: 'push' }),
    pipeline: path({
      default: 'slipway.yaml',
      summary: 'The pipeline file. Where there is none, the default road runs: test, build, sbom, push.',
    }),
    with: map({
      optional: true,
      summary: 'Inputs of the task, a line each; in a pipeline the task’s name and a dot come first.',
      example: 'image=harbor.example.com/team/app',
    }),
    sign: boolean({
      default: false,
      summary:
        'Sign, attest and verify what is pushed, and move the tags only then, also where the pipeline does not say so. By the identity of the job, with `id-token: write`, or by a key: `with: sign.key=…`.',
    }),
    workingDirectory: path({ default: '.', summary: 'The folder to work in, relative to the workspace.' }),
  },
  outputs: {
    record: out.path({ summary: 'Path of the release record.' }),
    digest: out.text({ summary: 'Digest of the image that was built; empty when none was.' }),
    image: out.text({ summary: 'The image as pushed, registry/repository@digest; empty when it was not.' }),
  },
  errors: [],
  hosts: { github: { icon: 'anchor', color: 'blue' } },
})
