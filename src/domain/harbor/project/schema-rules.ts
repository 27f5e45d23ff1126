import * as v from 'valibot'

const pattern = v.pipe(v.string(), v.minLength(1), v.maxLength(255))
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000))

/** Which tags of which repositories: one of each pair, `**` and all where neither is given. */
const selectors = {
  tags: v.optional(v.pipe(pattern, v.description('Tags, as a doublestar pattern: v*, {1.*,2.*}.'))),
  'tags-except': v.optional(v.pipe(pattern, v.description('All tags but these.'))),
  repositories: v.optional(v.pipe(pattern, v.description('Repositories, without the project: app, libs/**.'))),
  'repositories-except': v.optional(v.pipe(pattern, v.description('All repositories but these.'))),
  disabled: v.optional(v.pipe(v.boolean(), v.description('Kept, and without effect.')), false),
}

interface Selected {
  readonly tags?: string | undefined
  readonly 'tags-except'?: string | undefined
  readonly repositories?: string | undefined
  readonly 'repositories-except'?: string | undefined
}

const isOneOfEach = (one: Selected): boolean =>
  [one.tags, one['tags-except']].includes(undefined) && [one.repositories, one['repositories-except']].includes(undefined)
const oneOfEach = 'expected tags or tags-except, and repositories or repositories-except, not both'

export const immutableRule = v.pipe(
  v.strictObject(selectors),
  v.check((one) => isOneOfEach(one), oneOfEach),
)
export type ImmutableRule = v.InferOutput<typeof immutableRule>

export const keepWords = ['latest-pushed', 'latest-pulled', 'pushed-within-days', 'pulled-within-days', 'always'] as const

export const retentionRule = v.pipe(
  v.strictObject({
    keep: v.pipe(v.picklist(keepWords), v.description('What stays; all else that no rule keeps is deleted.')),
    count: v.optional(v.pipe(count, v.description('How many artifacts, or days.'))),
    untagged: v.optional(v.pipe(v.boolean(), v.description('Also artifacts without a tag.')), true),
    ...selectors,
  }),
  v.check((one) => isOneOfEach(one), oneOfEach),
  v.check(({ keep, count }) => (keep === 'always') === (count === undefined), 'expected a count, but for keep: always'),
)
export type RetentionRule = v.InferOutput<typeof retentionRule>

export const retention = v.strictObject({
  schedule: v.optional(
    v.pipe(
      v.union([v.picklist(['none', 'hourly', 'daily', 'weekly']), v.pipe(v.string(), v.regex(/^\S{1,40}(?: \S{1,40}){5}$/))]),
      v.description('none, hourly, daily, weekly, or cron of six fields with seconds first.'),
    ),
  ),
  rules: v.pipe(v.array(retentionRule), v.minLength(1), v.maxLength(15), v.description('An artifact stays when one of them keeps it.')),
})
export type Retention = v.InferOutput<typeof retention>
