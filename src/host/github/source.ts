import type { Source } from '../../spec/ports.ts'
import type { Environment } from '../process-environment.ts'

/** What the runner says of the commit and the run. */
export function githubSource(environment: Environment): Source {
  const server = environment['GITHUB_SERVER_URL'] || 'https://github.com'
  const repository = environment['GITHUB_REPOSITORY'] ? `${server}/${environment['GITHUB_REPOSITORY']}` : undefined
  const run = environment['GITHUB_RUN_ID']
  const attempt = environment['GITHUB_RUN_ATTEMPT'] ? `/attempts/${environment['GITHUB_RUN_ATTEMPT']}` : ''
  return {
    repository,
    commit: environment['GITHUB_SHA'] || undefined,
    ref: environment['GITHUB_REF'] || undefined,
    actor: environment['GITHUB_ACTOR'] || undefined,
    runUrl: repository !== undefined && run ? `${repository}/actions/runs/${run}${attempt}` : undefined,
  }
}
