/** What runs where a folder has no pipeline file, and the Tekton Pipeline of the same tasks. */
export const defaultRoad = {
  name: 'release',
  summary: 'The road from a commit to a pushed image.',
  tasks: ['test', 'build', 'push'],
} as const
