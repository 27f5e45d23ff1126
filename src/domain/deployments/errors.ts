import { defineError } from '../../base/errors.ts'

export const deploymentUnrecorded = defineError({
  code: 'SW-DEPLOYMENT-UNRECORDED',
  fault: 'environment',
  title: 'The deployment cannot be recorded at GitHub, and the settings ask for it.',
  causes: [
    'The token lacks a right: `deployments: write`, and `statuses: write` for the commit.',
    'The run is not on GitHub, and no token or repository is given.',
    'The environment is protected by a rule that the run does not meet.',
  ],
  fix: 'Add to the job: `permissions: { deployments: write, statuses: write }`, or set `deployment` to auto or off.',
})
