import { defineTask } from '../../spec/define.ts'
import { map, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { sections } from '../../spec/record/record.ts'

export const task = defineTask({
  name: 'report',
  summary: 'Tell what a run has done, from the release record: also of a run that failed, and of a record that is missing or broken.',
  reads: sections,
  writes: [],
  toleratesBrokenRecord: true,
  inputs: {
    status: text({
      optional: true,
      summary: 'How the run ended, in the words of the CI system: `$(tasks.status)` of Tekton, `job.status` of GitHub.',
      example: 'Failed',
    }),
    tasks: map({
      default: {},
      summary:
        'How each task ended, in the words of the CI system. What the record has of a task that did not run is told as of an earlier run.',
      example: 'push=Failed',
    }),
  },
  outputs: {
    status: out.text({ summary: 'passed, failed or cancelled; empty when that was not said.' }),
    headline: out.text({ summary: 'The run in one line, for a message or a commit status.' }),
  },
  errors: [],
  hosts: {
    github: { icon: 'file-text', color: 'blue' },
    tekton: {
      resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' },
      finally: { status: 'status', tasks: 'tasks' },
    },
  },
})
