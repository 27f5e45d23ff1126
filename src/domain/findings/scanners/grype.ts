import * as v from 'valibot'
import type { Call, Scanner } from './scanner.ts'

const answered = v.object({ version: v.pipe(v.string(), v.maxLength(100)) })

/** Grype, without its network. How old its database may be is for the gate to say: the report tells its age. */
export const grype: Scanner = {
  name: 'grype',
  // From 0.88 on the database is of schema 6, and the report says when it was made.
  versions: '>=0.88.0 <1.0.0',
  version: (cache) => call(['version', '--output', 'json'], cache),
  about: (answer) => ({ version: v.parse(answered, answer).version }),
  scan: ({ layout, report, settings, cache }) =>
    call([`oci-dir:${layout}`, '--output', 'json', '--file', report, '--config', settings], cache),
  withoutDatabase: /database does not exist|failed to load vulnerability db|no database found/i,
}

function call(args: readonly string[], cache: string | undefined): Call {
  const env = {
    ...{ GRYPE_DB_AUTO_UPDATE: 'false', GRYPE_DB_VALIDATE_AGE: 'false', GRYPE_DB_REQUIRE_UPDATE_CHECK: 'false' },
    ...{ GRYPE_CHECK_FOR_APP_UPDATE: 'false', NO_COLOR: '1' },
    ...(cache === undefined ? {} : { GRYPE_DB_CACHE_DIR: cache }),
  }
  return { args, env }
}
