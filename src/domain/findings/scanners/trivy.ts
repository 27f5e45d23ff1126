import * as v from 'valibot'
import type { Call, Scanner } from './scanner.ts'

const answered = v.object({
  Version: v.pipe(v.string(), v.maxLength(100)),
  VulnerabilityDB: v.nullish(v.object({ UpdatedAt: v.pipe(v.string(), v.isoTimestamp()) })),
})

/** Trivy, without its network: what it would fetch has to be there. */
export const trivy: Scanner = {
  name: 'trivy',
  // From 0.55 on the cache of layers may be in memory: nothing is written beside the database.
  versions: '>=0.55.0 <1.0.0',
  version: (cache) => call(['version', '--format', 'json'], cache),
  about(answer) {
    const { Version, VulnerabilityDB } = v.parse(answered, answer)
    return { version: Version, ...(VulnerabilityDB ? { date: VulnerabilityDB.UpdatedAt } : {}) }
  },
  scan: ({ layout, report, settings, cache, timeout }) =>
    call(
      [
        ...['image', '--input', layout, '--format', 'json', '--output', report, '--scanners', 'vuln', '--list-all-pkgs', '--quiet'],
        ...[
          '--offline-scan',
          '--skip-db-update',
          '--skip-java-db-update',
          '--timeout',
          `${Math.ceil(timeout / 1000)}s`,
          '--config',
          settings,
        ],
      ],
      cache,
    ),
  withoutDatabase: /cannot be specified on the first run|The first run cannot skip|failed to open db|no such file.*trivy\.db/i,
}

function call(args: readonly string[], cache: string | undefined): Call {
  const env = { TRIVY_CACHE_BACKEND: 'memory', TRIVY_SKIP_VERSION_CHECK: 'true', TRIVY_DISABLE_TELEMETRY: 'true', NO_COLOR: '1' }
  return { args: cache === undefined ? args : [...args, '--cache-dir', cache], env }
}
