import { Redactor } from '../base/redact.ts'
import type { Host } from '../spec/host.ts'
import { lineAnnotator } from './annotation-lines.ts'
import { environmentInputs } from './environment-inputs.ts'
import { givenIdentity } from './identity-token.ts'
import { createLog, wantsDebug } from './log.ts'
import { plainText } from './plain-text.ts'
import { Printer } from './printer.ts'
import type { Surroundings } from './process-environment.ts'
import { declaredSource } from './source.ts'
import { writeSummaryFile } from './summary/file.ts'
import { plainLines } from './summary/plain.ts'
import { reportOf } from './summary/report.ts'
import { refuseExposedSecrets } from './tekton/exposed-secrets.ts'
import { withHome } from './tekton/home.ts'
import { listArguments } from './tekton/list-arguments.ts'
import { unwrapLiterals } from './tekton/literal.ts'
import { blankResults, writeResults } from './tekton/results.ts'

/** Where cosign and others look for the service account's token too. */
const tokenFile = '/var/run/sigstore/cosign/oidc-token'

/** A step of a Tekton Task. Nobody but the redactor hides secrets here. */
export function tektonHost(surroundings: Surroundings): Host {
  const environment = withHome(surroundings)
  const redactor = new Redactor()
  const printer = new Printer(redactor, surroundings)
  const log = createLog({ printer, redactor, debug: wantsDebug(environment) })
  const workspace = environment['SLIPWAY_WORKSPACE'] || surroundings.workingFolder
  const annotator = lineAnnotator({ printer, redactor, stream: 'stdout' })
  const mask = (value: string): void => redactor.add(value)
  blankResults(environment)
  return {
    name: 'tekton',
    workspace,
    temporary: environment.TMPDIR,
    source: declaredSource(environment),
    environment,
    redactor,
    log,
    inputs(definition) {
      const scalars = unwrapLiterals(environmentInputs(definition, environment), log)
      const inputs = new Map([...scalars, ...listArguments(definition, surroundings.argv)])
      refuseExposedSecrets(definition, inputs)
      return inputs
    },
    identity: () => givenIdentity({ environment, now: surroundings.now, mask, file: environment['SLIPWAY_TOKEN_FILE'] || tokenFile }),
    mask,
    annotate: annotator.annotate,
    ...plainText({ printer, redactor }),
    finish(definition, ending) {
      try {
        writeResults(definition, ending, { environment, now: surroundings.now() })
      } finally {
        annotator.finish()
        const report = reportOf(definition, ending, redactor)
        printer.gap()
        for (const line of plainLines(report.blocks)) printer.line(line)
        printer.gap()
        writeSummaryFile(report, { workspace, log })
      }
    },
  }
}
