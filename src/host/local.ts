import { Redactor } from '../base/redact.ts'
import type { Host } from '../spec/host.ts'
import type { RawInputs } from '../spec/parse-inputs.ts'
import { lineAnnotator } from './annotation-lines.ts'
import { environmentInputs } from './environment-inputs.ts'
import { givenIdentity } from './identity-token.ts'
import { createLog, wantsDebug } from './log.ts'
import { plainText } from './plain-text.ts'
import { Printer } from './printer.ts'
import type { Surroundings } from './process-environment.ts'
import { declaredSource } from './source.ts'
import { writeSummaryFile } from './summary/file.ts'
import { reportOf } from './summary/report.ts'

/** A laptop, or a CI system that we have no host for: values come as flags (`given`) or variables, everything goes to the terminal. */
export function localHost(surroundings: Surroundings, given: RawInputs = new Map()): Host {
  const { environment } = surroundings
  const redactor = new Redactor()
  const printer = new Printer(redactor, surroundings)
  const colour = surroundings.terminal && !environment['NO_COLOR']
  const log = createLog({ printer, redactor, debug: wantsDebug(environment), colour, aside: 'stderr' })
  const workspace = environment['SLIPWAY_WORKSPACE'] || surroundings.workingFolder
  const annotator = lineAnnotator({ printer, redactor, stream: 'stderr' })
  const mask = (value: string): void => redactor.add(value)
  return {
    name: 'local',
    workspace,
    temporary: environment['TMPDIR'] || surroundings.temporary,
    source: declaredSource(environment),
    environment,
    redactor,
    log,
    inputs: (definition) => new Map([...environmentInputs(definition, environment), ...given]),
    identity: () => givenIdentity({ environment, now: surroundings.now, mask }),
    mask,
    annotate: annotator.annotate,
    ...plainText({ printer, redactor }),
    finish(definition, ending) {
      annotator.finish()
      writeSummaryFile(reportOf(definition, ending, redactor), { workspace, log })
    },
  }
}
