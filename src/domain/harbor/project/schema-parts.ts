import * as v from 'valibot'

export const text = v.pipe(v.string(), v.maxLength(1000))
export const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255))

/** A secret by the name that the input `secrets` gives it; a file is no place for its value. */
export const secretName = v.strictObject({
  secret: v.pipe(v.string(), v.regex(/^\w{1,100}$/, 'expected letters, digits and _'), v.description('A name of the input `secrets`.')),
})

export const roles = { 'project-admin': 1, maintainer: 4, developer: 2, guest: 3, 'limited-guest': 5 } as const
export type Role = keyof typeof roles
export const roleName = v.picklist(['project-admin', 'maintainer', 'developer', 'guest', 'limited-guest'])

export const group = v.strictObject({
  role: roleName,
  type: v.pipe(v.picklist(['ldap', 'http', 'oidc']), v.description('Who knows the group.')),
  dn: v.optional(v.pipe(text, v.description('Of a group of LDAP: its distinguished name.'))),
})

export const label = v.strictObject({
  color: v.optional(v.pipe(v.string(), v.regex(/^#[\da-fA-F]{6}$/, 'expected #rrggbb in quotes'), v.description('#rrggbb'))),
  description: v.optional(text),
})

const day = v.pipe(
  v.string(),
  v.regex(/^(?:never|\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?)$/, 'expected a day such as 2027-01-31, or never'),
  v.check((written) => written === 'never' || isDay(written), 'expected a day that there is'),
)

/** The 30th of February is read as a day of March. */
function isDay(written: string): boolean {
  const time = Date.parse(written)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(written.slice(0, -1))
}

export const allowlist = v.strictObject({
  items: v.pipe(
    v.array(v.pipe(v.string(), v.regex(/^[\w.-]{1,128}$/, 'expected an id such as CVE-2026-0001'))),
    v.maxLength(5000),
    v.check((ids) => new Set(ids).size === ids.length, 'expected each id once'),
    v.description('Findings that hold no image back.'),
  ),
  expires: v.optional(v.pipe(day, v.description('Last day of the list (UTC), or never. After it Harbor takes the list for empty.'))),
})

export const eventTypes = [
  ...['PUSH_ARTIFACT', 'PULL_ARTIFACT', 'DELETE_ARTIFACT', 'QUOTA_EXCEED', 'QUOTA_WARNING', 'SCANNING_FAILED', 'SCANNING_STOPPED'],
  ...['SCANNING_COMPLETED', 'REPLICATION', 'TAG_RETENTION'],
] as const

export const address = v.pipe(
  v.string(),
  v.maxLength(1000),
  v.regex(/^https?:\/\/[^\s@]+$/, 'expected an http or https address without a user'),
)

export const webhook = v.strictObject({
  url: address,
  events: v.pipe(v.array(v.picklist(eventTypes)), v.minLength(1)),
  type: v.optional(v.picklist(['http', 'slack']), 'http'),
  format: v.optional(v.pipe(v.picklist(['Default', 'CloudEvents']), v.description('Of the body, for type http.'))),
  'auth-header': v.optional(v.pipe(secretName, v.description('Sent as Authorization. Whoever may list webhooks sees it in Harbor.'))),
  'verify-tls': v.optional(v.boolean(), true),
  enabled: v.optional(v.boolean(), true),
  description: v.optional(text),
})
export type Webhook = v.InferOutput<typeof webhook>

export const preheatName = v.pipe(
  v.string(),
  v.maxLength(255),
  v.regex(/^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/, 'expected letters and digits, with single . _ - between'),
)

export const preheat = v.pipe(
  v.strictObject({
    provider: v.pipe(name, v.description('Instance of Dragonfly or Kraken, as Harbor calls it.')),
    filters: v.optional(
      v.strictObject({
        repository: v.optional(v.pipe(text, v.description('Without the project.')), '**'),
        tag: v.optional(text, '**'),
        label: v.optional(text),
      }),
      { repository: '**', tag: '**' },
    ),
    trigger: v.optional(v.picklist(['manual', 'scheduled', 'event-based']), 'manual'),
    cron: v.optional(v.pipe(v.string(), v.regex(/^0(?: \S{1,40}){5}$/, 'expected cron of six fields, the first of them, seconds, 0'))),
    enabled: v.optional(v.boolean(), true),
    description: v.optional(text),
  }),
  v.check((one) => (one.trigger === 'scheduled') === (one.cron !== undefined), 'expected cron with trigger: scheduled, and only there'),
)
export type PreheatSettings = v.InferOutput<typeof preheat>
