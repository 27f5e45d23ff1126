import * as v from 'valibot'
import { isDigest } from '../../base/digest.ts'

const text = v.string()
const texts = v.array(text)
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const digest = v.pipe(text, v.regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/), v.guard(isDigest))
const outcome = v.picklist(['pass', 'fail', 'unknown'])
const severities = v.object({ critical: count, high: count, medium: count, low: count, unknown: count })

/** Where the code came from; written by `source`. */
export const source = v.object({ url: text, commit: text, tree: v.optional(text), ref: v.optional(text), signer: v.optional(text) })

/** What the tests said; written by `test`. Durations in milliseconds, coverage in percent of lines. */
export const tests = v.object({
  passed: count,
  failed: count,
  skipped: count,
  flaky: count,
  duration: v.number(),
  coverage: v.optional(v.number()),
  reports: texts,
  verdict: outcome,
})

/** The image in hand; written by `build`. Every other section that describes an image names this digest. */
export const subject = v.object({
  digest,
  mediaType: text,
  layout: text,
  /** `baseLayers`: so many of its layers, the first ones, are the base's. */
  platforms: v.array(v.object({ platform: text, digest, size: count, baseLayers: v.optional(count) })),
  base: v.optional(v.object({ name: text, digest: v.optional(digest) })),
  revision: v.optional(text),
  /** Of a chart, as a tag: `push` moves it where no tags are given, since Helm finds a chart by nothing else. */
  version: v.optional(text),
})

/**
 * Where the image has been sent: once per repository and digest. `tags` are those that the last push moved to it, `wanted` those that it
 * left to `tag`, which moves them when everything else has succeeded.
 */
export const pushes = v.array(v.object({ image: text, digest, tags: texts, wanted: v.optional(texts) }))

/** One per platform and format. `path` is relative to the workspace; `file` is the digest of that file. */
export const sboms = v.array(
  v.object({ subject: digest, platform: text, format: text, path: text, file: digest, packages: v.optional(count) }),
)

/**
 * What the scan found and what the gate said; `finished` is when, in RFC 3339. `report` is relative to the workspace, `file` the digest of
 * that file; `baseline` is what it was compared with.
 */
export const findings = v.object({
  subject: digest,
  severities,
  verdict: outcome,
  policy: v.optional(digest),
  report: v.optional(text),
  file: v.optional(digest),
  databaseDate: v.optional(text),
  finished: v.optional(text),
  baseline: v.optional(v.object({ uri: text, digest })),
})

/** Who signed is an `identity` with its `issuer`, or a key, whose public half is there as PEM; `identity` names both for people. */
export const signatures = v.array(
  v.object({
    subject: digest,
    image: text,
    format: text,
    digest,
    identity: v.optional(text),
    issuer: v.optional(text),
    publicKey: v.optional(text),
    log: v.optional(text),
    /** Who vouches for a signature by identity: addresses of the certificate authority and of the logs. */
    authority: v.optional(text),
    logs: v.optional(texts),
  }),
)
/** `digest` is that of the manifest with the bundle, or of the layer under the `.att` tag; `document` of a predicate kept beside it. */
export const attestations = v.array(
  v.object({
    subject: digest,
    image: text,
    predicateType: text,
    format: v.optional(text),
    digest,
    document: v.optional(digest),
    identity: v.optional(text),
    log: v.optional(text),
  }),
)
export const verifications = v.array(
  v.object({ subject: digest, image: text, policy: v.optional(digest), verdict: outcome, reasons: texts }),
)
/** The tags that point to the image since everything before them succeeded; written by `tag`. */
export const tags = v.array(v.object({ image: text, digest, tags: texts }))
/** Where the image came from and went to; `referrers` are the signatures, attestations and SBOMs that went along. */
export const promotions = v.array(v.object({ from: text, to: text, digest, tags: texts, referrers: v.optional(v.array(digest)) }))
export const gitops = v.object({ repository: text, branch: text, commit: text, digest: v.optional(digest), pullRequest: v.optional(text) })
/**
 * What became of the deployment; `result` is one word of `argocd-sync`, the worst of all applications. `revision` is what was wanted, each
 * application has what is live as far as it is proven. `digest` is the image that was written.
 */
export const deployment = v.object({
  application: text,
  revision: text,
  health: text,
  result: text,
  digest: v.optional(digest),
  url: v.optional(text),
  applications: v.optional(
    v.array(
      v.object({
        name: text,
        project: v.optional(text),
        namespace: v.optional(text),
        revisions: texts,
        health: text,
        result: text,
        url: text,
      }),
    ),
  ),
})
export const gate = v.object({ verdict: outcome, policy: v.optional(digest), burnRates: v.record(text, v.number()) })
export const rollout = v.object({ waves: v.array(v.object({ name: text, done: count, failed: count })), result: outcome })
export const preview = v.object({ url: text, namespace: text, expires: v.optional(text) })
export const catalog = v.array(v.object({ name: text, source: text, sourceDigest: digest, image: text, digest }))
export const mesh = v.object({ verdict: outcome, report: v.optional(text) })
