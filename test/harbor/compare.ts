import type { Exchange } from './recording.ts'

/** What came instead, as the walk saw it. */
export interface Seen {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

const matters = [
  ...[
    'content-type',
    'location',
    'www-authenticate',
    'link',
    'x-total-count',
    'docker-content-digest',
    'oci-subject',
    'oci-filters-applied',
  ],
  ...['range', 'content-range', 'accept-ranges', 'x-harbor-csrf-token', 'x-request-id', 'allow', 'docker-upload-uuid'],
]
/** Names whose values are words of Harbor's, and compared as such. */
const words = new Set([
  ...['code', 'type', 'scan_status', 'severity', 'media_type', 'manifest_media_type', 'artifact_type', 'level', 'role_name', 'entity_type'],
  ...[
    'auth_mode',
    'status',
    'sysadmin_flag',
    'disable',
    'immutable',
    'scope',
    'name',
    'creator_type',
    'kind',
    'action',
    'resource',
    'public',
  ],
])
const free = new Set(['extra_attrs', 'annotations', 'metadata'])

/** How an answer differs from the recorded one; empty when it is the same. */
export function differences({ res }: Exchange, seen: Seen): readonly string[] {
  if (seen.status !== res.status) return [`status ${seen.status}, not ${res.status}: ${JSON.stringify(seen.body)?.slice(0, 160)}`]
  return [...headerDifferences(res, seen), ...bodyDifferences(res.body, seen.body)]
}

function headerDifferences({ headers, body }: Exchange['res'], seen: Seen): readonly string[] {
  const sameCount = headers['x-total-count'] === (seen.headers.get('x-total-count') ?? undefined)
  return matters.flatMap((name) => {
    const [wanted, given] = [headers[name], seen.headers.get(name) ?? undefined]
    // Recorded on two scenarios only, though nearly every answer has it.
    if (name === 'x-request-id') return wanted !== undefined && given === undefined ? [`no ${name}`] : []
    // Elsewhere there is more than the scenario shows.
    if (name === 'link' && !sameCount) return []
    if (name === 'content-type' && body === undefined) return []
    const same = name === 'x-total-count' ? (wanted === undefined) === (given === undefined) : normal(name, wanted) === normal(name, given)
    return same ? [] : [`${name}: ${given}, not ${wanted}`]
  })
}

function normal(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  if (name === 'content-type') return value.split(';')[0]
  if (['docker-content-digest', 'x-harbor-csrf-token', 'oci-subject', 'docker-upload-uuid'].includes(name)) return 'there'
  return value
    .replace(/^http:\/\/[^/]+\/v2\/$/, 'REDIRECT')
    .replace(/http:\/\/[^/"]+/g, 'HOST')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/[0-9a-f]{64}/g, 'DIGEST')
    .replace(/_state=[^&]*/, '_state')
    .replace(/(?<=\/)\d+(?=$|\/)/g, 'ID')
}

function bodyDifferences(wanted: unknown, given: unknown): readonly string[] {
  if (typeof wanted === 'object' && wanted !== null && '$bytes' in wanted) return given === undefined ? ['no bytes'] : []
  if (wanted === undefined || wanted === '')
    return given === undefined || given === '' ? [] : [`a body where none was: ${JSON.stringify(given).slice(0, 80)}`]
  if (typeof wanted === 'string') return typeof given === 'string' ? textDifferences(wanted, given) : ['no text']
  return shapeDifferences(wanted, given, '$')
}

function textDifferences(wanted: string, given: string): readonly string[] {
  const isPage = /^<|\[INFO\]/.test(wanted)
  if (isPage) return wanted.slice(0, 1) === given.slice(0, 1) ? [] : [`text ${given.slice(0, 40)}`]
  return message(wanted).trim() === message(given).trim() ? [] : [`text ${given.slice(0, 80)}, not ${wanted.slice(0, 80)}`]
}

/** Keys and types; words and messages of errors as they are. */
function shapeDifferences(wanted: unknown, given: unknown, at: string): readonly string[] {
  if (Array.isArray(wanted)) return Array.isArray(given) ? listDifferences(wanted, given, at) : [`${at}: ${kindOf(given)}, not a list`]
  if (kindOf(wanted) !== kindOf(given)) return [`${at}: ${kindOf(given)}, not ${kindOf(wanted)}`]
  const name = at.slice(at.lastIndexOf('.') + 1)
  if (typeof wanted !== 'object' || wanted === null) {
    if (name === 'message') return message(String(wanted)) === message(String(given)) ? [] : [`${at}: ${given}, not ${wanted}`]
    return !words.has(name) || wanted === given ? [] : [`${at}: ${given}, not ${wanted}`]
  }
  if (free.has(name) || typeof given !== 'object' || given === null) return []
  const [all, own] = [Object.entries(wanted), new Map(Object.entries(given))]
  const more = [...own.keys()].filter((key) => !Object.hasOwn(wanted, key))
  return [
    ...more.map((key) => `${at}.${key} is too much`),
    ...all.flatMap(([key, value]) => (own.has(key) ? shapeDifferences(value, own.get(key), `${at}.${key}`) : [`${at}.${key} is missing`])),
  ]
}

/** Each item is like one of the recorded ones; long lists were cut. */
function listDifferences(wanted: readonly unknown[], given: readonly unknown[], at: string): readonly string[] {
  const shown = wanted.filter((one) => !(typeof one === 'string' && one.startsWith('…')))
  if (shown.length === 0 && given.length > 0) return [`${at}: ${given.length} items, not none`]
  if (shown.length > 0 && given.length === 0) return [`${at}: no items`]
  return given.slice(0, 12).flatMap((one, index) => {
    const tries = shown.map((other) => shapeDifferences(other, one, `${at}[${index}]`)).toSorted((a, b) => a.length - b.length)
    const named = tries.map((problems) =>
      problems.filter(
        (problem) =>
          !/\.(?:name|type|severity|scan_status|action|resource|role_name|status|public|immutable|artifact_type|media_type):/.test(problem),
      ),
    )
    return (shown.length > 1 ? named : tries).toSorted((a, b) => a.length - b.length)[0] ?? []
  })
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
}

/** Without what differs from run to run. */
function message(written: string): string {
  return written
    .replace(/\[(?:POST|GET|HEAD|PUT|DELETE|PATCH|,)+\]/g, 'METHODS')
    .replace(/[0-9a-f]{64}/g, 'DIGEST')
    .replace(/<(\w) x (\d+)>/g, (_, letter: string, count: string) => letter.repeat(Number(count)))
    .replace(/\d+(?:\.\d+)?(?= (?:B|KiB|MiB))/g, 'SIZE')
    .replace(/\d+/g, 'N')
}
