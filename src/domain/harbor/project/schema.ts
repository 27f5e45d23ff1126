import * as v from 'valibot'
import { parseBytes } from '../../../base/bytes.ts'
import { robotName, robotSettings } from '../robots/settings.ts'
import { allowlist, group, label, name, preheat, preheatName, roleName, text, webhook } from './schema-parts.ts'
import { immutableRule, retention } from './schema-rules.ts'
import { registry, registryName, replication } from './schema-system.ts'
import { selectedOf } from './selectors.ts'

export const severities = ['none', 'negligible', 'low', 'medium', 'high', 'critical'] as const
const speed = v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(2 ** 31 - 1))

const metadata = v.strictObject({
  public: v.optional(v.pipe(v.boolean(), v.description('Whether anybody may pull.'))),
  'auto-scan': v.optional(v.pipe(v.boolean(), v.description('Scan what is pushed.'))),
  'auto-sbom-generation': v.optional(v.pipe(v.boolean(), v.description('Make an SBOM of what is pushed.'))),
  'prevent-vul': v.optional(
    v.pipe(v.boolean(), v.description('Hold back images with findings from `severity` on, and those not scanned.')),
  ),
  severity: v.optional(v.pipe(v.picklist(severities), v.description('From which severity on `prevent-vul` holds back.'))),
  'enable-content-trust': v.optional(v.pipe(v.boolean(), v.description('Hold back what Notation has not signed.'))),
  'enable-content-trust-cosign': v.optional(v.pipe(v.boolean(), v.description('Hold back what cosign has not signed.'))),
  'reuse-sys-cve-allowlist': v.optional(
    v.pipe(v.boolean(), v.description('Go by the allowlist of the system instead of the project’s own.')),
  ),
  'proxy-speed-kb': v.optional(v.pipe(speed, v.description('kB/s from upstream of a proxy cache; -1: no limit.'))),
  'max-upstream-conn': v.optional(v.pipe(speed, v.description('Connections to upstream of a proxy cache; -1: no limit.'))),
  'proxy-cache-local-on-not-found': v.optional(
    v.pipe(v.boolean(), v.description('A proxy cache gives what it has when upstream has it no more.')),
  ),
})

const size = 'expected a size such as 20GiB, or unlimited'
const quota = v.pipe(
  v.union([
    v.pipe(v.string(), v.regex(/^(?:unlimited|[1-9]\d{0,8}(?:\.\d{1,3})? ?(?:[KMGTkmgt]i?)?[Bb]?)$/, size)),
    v.pipe(v.number(), v.integer(), v.minValue(1, size)),
  ]),
  v.description('What the project may store: 20GiB, 500MB, unlimited. Only a system administrator may change it.'),
)

/** Bytes of a quota; -1 for `unlimited`. */
export function bytesOf(size: string | number): number | undefined {
  if (typeof size === 'number') return size
  return size === 'unlimited' ? -1 : parseBytes(size)
}

/** Bytes as a file has them, whole: `20GiB`, or digits. */
export function sizeOf(bytes: number): string | number {
  if (bytes < 0) return 'unlimited'
  const units = { TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20 }
  const unit = Object.entries(units).find(([, size]) => bytes % size === 0)
  return unit === undefined ? bytes : `${bytes / unit[1]}${unit[0]}`
}

const projectName = v.pipe(
  v.string(),
  v.maxLength(255),
  v.regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'lower-case letters and digits, with single . _ - between'),
)

/** What one project is to be; what is left out is left as it is in Harbor. */
const settings = v.strictObject({
  metadata: v.optional(metadata),
  quota: v.optional(quota),
  'cve-allowlist': v.optional(v.pipe(allowlist, v.description('Needs `reuse-sys-cve-allowlist: false`.'))),
  members: v.optional(v.pipe(v.record(name, roleName), v.description('Users by name, with their role.'))),
  groups: v.optional(v.pipe(v.record(name, group), v.description('Groups of users by name.'))),
  labels: v.optional(v.pipe(v.record(name, v.nullable(label)), v.description('Labels by name.'))),
  immutability: v.optional(
    v.pipe(
      v.array(immutableRule),
      v.maxLength(15),
      v.check(
        (rules) => new Set(rules.map((rule) => JSON.stringify(selectedOf(rule)))).size === rules.length,
        'expected each selection once',
      ),
      v.description('Tags that never change.'),
    ),
  ),
  retention: v.optional(v.pipe(retention, v.description('Which artifacts stay when it runs.'))),
  preheat: v.optional(v.pipe(v.record(preheatName, preheat), v.description('Preheat policies by name.'))),
  webhooks: v.optional(v.pipe(v.record(name, webhook), v.description('Webhooks by name.'))),
  robots: v.optional(v.pipe(v.record(robotName, robotSettings), v.description('Robots by name, without prefix and project.'))),
  'proxy-cache': v.optional(v.pipe(text, v.description('Name of the registry that the project caches; only for a new project.'))),
})

const project = v.pipe(
  settings,
  v.check(
    (one) => one['cve-allowlist'] === undefined || one.metadata?.['reuse-sys-cve-allowlist'] === false,
    'has a cve-allowlist, expected metadata.reuse-sys-cve-allowlist: false beside it: Harbor goes by the list of the system else',
  ),
)

/** The file: projects as they are to be. */
export const projectFileSchema = v.strictObject({
  registries: v.optional(v.pipe(v.record(registryName, registry), v.description('Other registries by name; for system administrators.'))),
  replication: v.optional(v.pipe(v.record(name, replication), v.description('Rules of replication by name; for system administrators.'))),
  projects: v.pipe(v.record(projectName, v.nullable(project)), v.description('Projects by name.')),
})

export type ProjectFile = v.InferOutput<typeof projectFileSchema>
export type ProjectSettings = v.InferOutput<typeof project>
