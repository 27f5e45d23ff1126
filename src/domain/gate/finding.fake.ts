import { sha256 } from '../../base/digest.ts'
import type { Scanned } from '../findings/find.ts'
import type { Claim, Finding } from '../findings/finding.ts'
import type { Package } from '../packages/package.ts'
import { type Decision, decide, type Evidence, type Terms } from './decide.ts'
import type { Exception } from './exception.ts'
import { checkGatePolicy, type GatePolicy } from './policy.ts'

/** When every decision of a test is made. */
export const now = Date.parse('2026-11-22T12:00:00Z')
export const image = sha256('image')

type Made = Partial<Omit<Finding, 'claims'>> & { readonly published?: string }

/** A finding of a package of npm, critical and with a fix; what is given replaces. */
export function finding({ published, ...given }: Made = {}): Finding {
  const { id = 'CVE-2026-1', purl = 'pkg:npm/lodash@4.17.20', fixed = ['4.17.21'] } = given
  const [, name = '', version = ''] = /^pkg:\w+\/(.+)@(.+)$/.exec(purl) ?? []
  const claim: Claim = {
    ...{ source: 'osv', id, severities: [], fixed: fixed[0], modified: '2026-11-21T00:00:00Z' },
    ...(published === undefined ? {} : { published }),
  }
  return {
    ...{ aliases: [], summary: '', package: { name, version, type: 'npm' }, state: 'affected', level: 'critical' },
    ...{ subject: { digest: image, platform: 'linux/amd64' }, locations: [{ path: `app/node_modules/${name}/package.json` }] },
    ...given,
    ...{ id, purl, fixed, claims: [claim] },
  }
}

export function exception(given: Partial<Exception> = {}): Exception {
  return {
    ...{ id: 'CVE-2026-1', packages: [], paths: [], reason: 'not reachable', owner: 'team-shop' },
    ...{ expires: '2026-12-01', ends: Date.parse('2026-12-02T00:00:00Z'), origin: 'e.yaml, exception 1' },
    ...given,
  }
}

export function policy(given: object = {}): GatePolicy {
  return checkGatePolicy(given, 'the test')
}

/** An image with packages under licences. */
export function under(...licenses: readonly (readonly string[])[]): Scanned {
  const packages = licenses.map(
    (each, at): Package => ({
      ...{ type: 'npm', name: `p${at}`, version: '1.0.0', purl: `pkg:npm/p${at}@1.0.0` },
      ...{ licenses: each, locations: [{ path: `app/p${at}/package.json` }] },
    }),
  )
  return { subject: { digest: image, platform: 'linux/amd64' }, inventory: { packages, unscannable: [] } }
}

/** What the gate says of findings; of a database of yesterday. */
export function judged(findings: readonly Finding[], terms: Partial<Terms> = {}, evidence: Partial<Evidence> = {}): Decision {
  return decide(
    { findings, unscanned: [], databaseDate: '2026-11-21T00:00:00Z', digest: image, ...evidence },
    { policy: policy(), exceptions: [], now, ...terms },
  )
}
