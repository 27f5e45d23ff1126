import { defineError } from '../../base/errors.ts'

export const chartInvalid = defineError({
  code: 'SW-CHART-INVALID',
  fault: 'input',
  title: 'The Helm chart cannot be used.',
  causes: [
    'Chart.yaml lacks a field or has one that Helm does not take.',
    'A dependency is not in charts/.',
    'A file is larger than Helm loads.',
  ],
  fix: 'Mend what the message names; `helm lint` and `helm dependency update` see the same chart.',
})

export const chartErrors = [chartInvalid] as const
