import * as v from 'valibot'
import { parseBytes } from '../../../base/bytes.ts'
import { parseDuration } from '../../../base/duration.ts'
import { requestKinds } from './request-kind.ts'
import { type Match, phases, phasesOf, type Rule } from './rule.ts'

const longest = { text: 64 * 1024, pattern: 500 }
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const text = v.pipe(v.string(), v.maxLength(longest.text))
const headerName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,100}$/, 'expected the name of a header'), v.toLowerCase())
const headers = v.record(headerName, v.pipe(v.string(), v.regex(/^[\t\x20-\x7e]{0,8192}$/, 'expected one line of printable ASCII')))

/** `64KiB`, or a number of bytes. */
const bytes = v.union(
  [
    count,
    v.pipe(
      v.string(),
      v.transform((given) => parseBytes(given)),
      v.number('expected a size such as 64KiB'),
    ),
  ],
  'expected a number of bytes or a size such as 64KiB',
)
const duration = v.pipe(
  v.string(),
  v.transform((given) => parseDuration(given)),
  v.number('expected a duration such as 500ms'),
)
const pattern = v.pipe(
  v.string(),
  v.maxLength(longest.pattern),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    try {
      return new RegExp(value)
    } catch {
      addIssue({ message: 'is no regular expression' })
      return NEVER
    }
  }),
)
const request = v.picklist(requestKinds)

const match = v.strictObject({
  request: v.exactOptional(v.union([request, v.array(request)], `expected one or a list of ${requestKinds.join(', ')}`)),
  method: v.exactOptional(v.picklist(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])),
  path: v.exactOptional(pattern),
  above: v.exactOptional(v.record(v.string(), count)),
}) satisfies v.GenericSchema<unknown, Match>

const frame = {
  name: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w.-]{1,60}$/, 'expected letters, digits, ".", "_" and "-", 60 at most'))),
  on: match,
  phase: v.exactOptional(v.picklist(phases)),
  at: v.exactOptional(bytes),
  skip: v.exactOptional(count),
  every: v.exactOptional(positive),
  times: v.exactOptional(positive),
  per: v.exactOptional(v.picklist(['rule', 'path'])),
}
const status = v.pipe(v.number(), v.safeInteger(), v.minValue(200), v.maxValue(599))

const rule = v.variant('action', [
  v.strictObject({
    ...frame,
    action: v.literal('status'),
    status,
    code: v.exactOptional(text),
    message: v.exactOptional(text),
    headers: v.exactOptional(headers),
    body: v.exactOptional(text),
  }),
  v.strictObject({ ...frame, action: v.picklist(['reset', 'cut', 'stall', 'corrupt', 'drop', 'forget', 'lose', 'expire']) }),
  v.strictObject({ ...frame, action: v.literal('delay'), delay: duration }),
  v.strictObject({ ...frame, action: v.literal('slow'), rate: v.pipe(bytes, v.minValue(1)) }),
  v.strictObject({
    ...frame,
    action: v.picklist(['truncate', 'extend']),
    bytes: v.optional(v.pipe(bytes, v.minValue(1), v.maxValue(1024 * 1024)), 1),
  }),
  v.strictObject({ ...frame, action: v.literal('stale'), reads: positive }),
  v.strictObject({
    ...frame,
    action: v.literal('change'),
    status: v.exactOptional(status),
    set: v.exactOptional(headers),
    unset: v.exactOptional(v.array(headerName)),
  }),
  v.strictObject({
    ...frame,
    action: v.literal('redirect'),
    to: v.pipe(text, v.regex(/^(?:https?:\/)?\//, 'expected a URL or an absolute path')),
    status: v.optional(v.picklist([301, 302, 303, 307, 308]), 307),
  }),
  v.strictObject({
    ...frame,
    action: v.literal('ignore'),
    parameters: v.exactOptional(v.array(text)),
    headers: v.exactOptional(v.array(headerName)),
  }),
])

/** A fault file, as `slipway registry --fault` takes it. */
export const faultFile = v.strictObject({
  rules: v.pipe(
    v.array(
      v.pipe(
        rule,
        v.check(
          ({ action, phase }) => phase === undefined || phasesOf[action].includes(phase),
          ({ input: { action } }) => `phase: ${action} happens in ${phasesOf[action].join(', ')} only`,
        ),
      ),
    ),
    v.maxLength(1000),
    v.transform((rules) => rules.map((rule, index): Rule => ({ ...rule, name: rule.name ?? `rule-${index + 1}` }))),
  ),
})
