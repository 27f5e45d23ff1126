import { sha256 } from '../../../base/digest.ts'
import { neutraliseLine } from '../../../base/untrusted.ts'
import { version } from '../../../base/version.ts'
import { type Change, titleOf } from './change.ts'

/** What GitHub takes of one run. */
const mostResults = 5000

/** Differences as SARIF 2.1.0, each at its line of the file; those that are none are left out. `file` is relative to the workspace. */
export function sarifOfChanges(changes: readonly Change[], file: string): string {
  const open = changes.filter(({ action }) => action !== 'unchanged').slice(0, mostResults)
  const kinds = [...new Set(open.map(({ kind }) => kind))].toSorted()
  const uri = encodeURI(file.replace(/^\.\//, ''))
  const run = {
    tool: {
      driver: {
        name: 'slipway harbor-project',
        semanticVersion: version,
        informationUri: 'https://github.com/slipway-ci/slipway',
        rules: kinds.map(ruleOf),
      },
    },
    automationDetails: { id: `harbor-project/${uri}/` },
    results: open.map((change) => ({
      ruleId: `harbor-${change.kind}`,
      ruleIndex: kinds.indexOf(change.kind),
      level: 'warning',
      message: { text: messageOf(change) },
      locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: change.line } } }],
      partialFingerprints: { 'slipway/v1': sha256(titleOf(change)).slice('sha256:'.length) },
    })),
    columnKind: 'utf16CodeUnits',
  }
  const $schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
  return `${JSON.stringify({ $schema, version: '2.1.0', runs: [run] })}\n`
}

function ruleOf(kind: Change['kind']): object {
  const text = `Harbor differs from the file: ${kind}`
  return {
    id: `harbor-${kind}`,
    name: 'HarborDrift',
    shortDescription: { text },
    fullDescription: { text },
    help: { text: 'Apply the file, or take what is in Harbor into it.' },
  }
}

function messageOf(change: Change): string {
  const { action, before = 'nothing', after = 'nothing' } = change
  const wanted = action === 'delete' ? 'the file does not name it' : `the file says ${after}`
  return neutraliseLine(`${titleOf(change)}: Harbor has ${before}, ${wanted}.`)
}
