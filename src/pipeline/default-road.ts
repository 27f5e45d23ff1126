/** What runs where a folder has no pipeline file. */
export const defaultRoad = {
  name: 'release',
  summary: 'The road from a commit to a pushed image.',
  tasks: ['test', 'build', 'push'],
} as const

/** The same road where nobody has checked out before, and nobody else tells what happened: a Tekton Pipeline. */
export const roadFromCommit = { ...defaultRoad, tasks: ['source', ...defaultRoad.tasks, 'report'] } as const
