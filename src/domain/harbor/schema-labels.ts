import * as v from 'valibot'

const id = v.pipe(v.number(), v.integer())
/** Harbor leaves out the name of a label that was made with an empty one. */
const name = v.nullish(v.pipe(v.string(), v.maxLength(1024)), '')

export const label = v.pipe(
  v.object({ id, name }),
  v.transform((one) => ({ id: one.id, name: one.name ?? '' })),
)

/** Of an artifact: the id of its project, and the names of its labels. */
export const labelled = v.pipe(
  v.object({ project_id: id, labels: v.nullish(v.pipe(v.array(label), v.maxLength(10_000)), []) }),
  v.transform(({ project_id, labels }) => ({ project: project_id, labels: (labels ?? []).map((one) => one.name) })),
)
