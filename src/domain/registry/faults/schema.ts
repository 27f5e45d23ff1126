import * as v from 'valibot'
import { parseBytes } from '../../../base/bytes.ts'
import { parseDuration } from '../../../base/duration.ts'
import { requestKinds } from './request-kind.ts'
import { type ActionName, type Match, phasesOf, type Rule } from './rule.ts'

const longest = { text: 64 * 1024, pattern: 500 }
const mebibyte = 1024 * 1024
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const text = v.pipe(v.string(), v.maxLength(longest.text))
const headerName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,100}$/, 'expected the name of a header'), v.toLowerCase())
const headers = v.record(headerName, v.pipe(v.string(), v.regex(/^[\t\x20-\x7e]{0,8192}$/, 'expected one line of printable ASCII')))

const size = v.pipe(
  v.string(),
  v.regex(/^\d+(?:\.\d+)?\s?(?:[kKmMgGtT][iI]?)?[bB]?$/),
  v.transform((given) => parseBytes(given)),
  v.number(),
)

/** `64KiB`, or a number of bytes. */
function bytesFrom(least: number, most = Number.MAX_SAFE_INTEGER) {
  return v.pipe(
    v.union(
      [v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most)), size],
      'expected a number of bytes or a size such as 64KiB',
    ),
    v.check((given) => given >= least && given <= most, `expected from ${least} to ${most} bytes`),
  )
}

const duration = v.pipe(
  v.string(),
  v.regex(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/, 'expected a duration such as 500ms'),
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

const occasion = {
  name: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w.-]{1,60}$/, 'expected letters, digits, ".", "_" and "-", 60 at most'))),
  on: match,
  at: v.exactOptional(bytesFrom(0)),
  skip: v.exactOptional(count),
  every: v.exactOptional(positive),
  times: v.exactOptional(positive),
  per: v.exactOptional(v.picklist(['rule', 'path'])),
}
const status = v.pipe(v.number(), v.safeInteger(), v.minValue(200), v.maxValue(599))

/** What the rules of an action have in common; a phase is one in which it can happen. */
function frame<Name extends ActionName>(action: Name) {
  const phase = v.picklist(phasesOf[action], `${action} happens in ${phasesOf[action].join(', ')} only`)
  return { ...occasion, action: v.literal(action), phase: v.exactOptional(phase) }
}

const rule = v.variant('action', [
  v.strictObject({
    ...frame('status'),
    status,
    code: v.exactOptional(text),
    message: v.exactOptional(text),
    headers: v.exactOptional(headers),
    body: v.exactOptional(text),
  }),
  v.strictObject(frame('reset')),
  v.strictObject(frame('cut')),
  v.strictObject(frame('stall')),
  v.strictObject(frame('corrupt')),
  v.strictObject(frame('drop')),
  v.strictObject(frame('forget')),
  v.strictObject(frame('lose')),
  v.strictObject(frame('expire')),
  v.strictObject({ ...frame('delay'), delay: duration }),
  v.strictObject({ ...frame('slow'), rate: bytesFrom(1) }),
  v.strictObject({ ...frame('truncate'), bytes: v.optional(bytesFrom(1, mebibyte), 1) }),
  v.strictObject({ ...frame('extend'), bytes: v.optional(bytesFrom(1, mebibyte), 1) }),
  v.strictObject({ ...frame('stale'), reads: positive }),
  v.strictObject({
    ...frame('change'),
    status: v.exactOptional(status),
    set: v.exactOptional(headers),
    unset: v.exactOptional(v.array(headerName)),
  }),
  v.strictObject({
    ...frame('redirect'),
    to: v.pipe(text, v.regex(/^(?:https?:\/)?\//, 'expected a URL or an absolute path')),
    status: v.optional(v.picklist([301, 302, 303, 307, 308]), 307),
  }),
  v.strictObject({
    ...frame('ignore'),
    parameters: v.exactOptional(v.array(text)),
    headers: v.exactOptional(v.array(headerName)),
  }),
])

/** A fault file, as `slipway registry --fault` takes it, and as `schemas/faults.schema.json` describes it. */
export const faultFile = v.strictObject({
  // Where an editor finds that description: a JSON file has no comment to name it in.
  $schema: v.exactOptional(text),
  rules: v.pipe(
    v.array(rule),
    v.maxLength(1000),
    v.transform((rules) => rules.map((rule, index): Rule => ({ ...rule, name: rule.name ?? `rule-${index + 1}` }))),
  ),
})
