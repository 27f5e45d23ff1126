import * as v from 'valibot'

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(1000))

/** An answer of `POST /v1/querybatch`: a result for each query, in their order. */
export const batchAnswer = v.object({
  results: v.pipe(
    v.array(
      v.nullish(
        v.object({
          vulns: v.nullish(v.pipe(v.array(v.object({ id: name, modified: v.pipe(name, v.isoTimestamp()) })), v.maxLength(100_000)), []),
          next_page_token: v.nullish(v.pipe(v.string(), v.maxLength(100_000)), ''),
        }),
        {},
      ),
    ),
    v.maxLength(1000),
  ),
})

/** What every record has: by it a kept one is known again. */
export const recordHead = v.object({ id: name, modified: v.pipe(name, v.isoTimestamp()) })

/** What is kept beside an archive. */
export const archiveFacts = v.object({
  etag: v.pipe(v.string(), v.maxLength(1000)),
  lastModified: v.string(),
  digest: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/)),
})
