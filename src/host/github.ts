import { Redactor } from '../base/redact.ts'
import { neutraliseLine } from '../base/untrusted.ts'
import type { Host } from '../spec/host.ts'
import { environmentInputs } from './environment-inputs.ts'
import { createAnnotator } from './github/annotations.ts'
import { appendPair } from './github/command-files.ts'
import { command } from './github/commands.ts'
import { githubIdentity } from './github/identity.ts'
import { printMasks } from './github/masks.ts'
import { githubSource } from './github/source.ts'
import { openState } from './github/state.ts'
import { appendSummary } from './github/summary.ts'
import { createLog, wantsDebug } from './log.ts'
import { Printer } from './printer.ts'
import type { Surroundings } from './process-environment.ts'
import { writeSummaryFile } from './summary/file.ts'
import { reportOf } from './summary/report.ts'

/** Variables with tokens of the runner's own. */
const tokens = ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'GITHUB_TOKEN']

/** A job of GitHub Actions (also of Gitea, Forgejo and `act`, which keep its conventions). */
export function githubHost(surroundings: Surroundings): Host {
  const { environment } = surroundings
  const redactor = new Redactor()
  for (const name of tokens) redactor.add(environment[name] ?? '')
  const printer = new Printer(redactor, surroundings)
  const log = createLog({ printer, redactor, debug: wantsDebug(environment) })
  const annotator = createAnnotator(printer, redactor)
  const workspace = environment['GITHUB_WORKSPACE'] || surroundings.workingFolder
  const mask = (secret: string): void => {
    redactor.add(secret)
    printMasks(printer, secret)
  }
  return {
    name: 'github',
    workspace,
    temporary: environment['RUNNER_TEMP'] || surroundings.temporary,
    source: githubSource(environment),
    environment,
    redactor,
    log,
    inputs: (definition) => environmentInputs(definition, environment),
    identity: (http) => githubIdentity(environment, { http, mask }),
    mask,
    annotate: annotator.annotate,
    group: (title, part) => inGroup(printer, redactor.redact(title), part),
    ...openState(environment),
    finish(definition, ending) {
      annotator.finish()
      for (const output of ending.outputs) appendPair(environment, 'GITHUB_OUTPUT', output)
      const report = reportOf(definition, ending, redactor)
      if (appendSummary(environment, report)) writeSummaryFile(report, { workspace, log })
    },
    write: (text) => printer.piece(text),
  }
}

async function inGroup<T>(printer: Printer, title: string, part: () => Promise<T>): Promise<T> {
  printer.line(command('group', neutraliseLine(title)))
  try {
    return await part()
  } finally {
    printer.line(command('endgroup', ''))
  }
}
