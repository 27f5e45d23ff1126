import { account, signer } from './signing.ts'

/** What runs where a folder has no pipeline file. */
export const defaultRoad = {
  name: 'release',
  summary: 'The road from a commit to a pushed image.',
  tasks: ['test', 'build', 'push'],
} as const

/** With a scan before anything is sent: only for those who say by which advisories, which Slipway does not bring along. */
export function withScan(tasks: readonly string[]): readonly string[] {
  return tasks.toSpliced(tasks.indexOf('push'), 0, 'scan')
}

/** The same with a signature; the tags move when all else is done. */
export const signedRoad = {
  name: 'release-signed',
  summary: 'The road from a commit to an image that is signed, attested and verified before its tags move.',
  tasks: [...defaultRoad.tasks, 'sign', 'attest', 'verify', 'tag'],
} as const

/** Inputs that a road decides by itself where it is a fixed list of tasks: what `wired` does where it is read from a file. */
const asPushed = Object.fromEntries([...account.map((input) => [input, { as: 'push' }] as const), ['image', 'unset'] as const])
const decided = {
  push: { 'tags-last': { value: 'true' } },
  sign: asPushed,
  attest: { ...asPushed, ...Object.fromEntries(signer.map((input) => [input, { as: 'sign' }])) },
  verify: { ...asPushed, 'as-signed': { value: 'true' } },
  tag: { ...asPushed, tags: 'unset', 'require-verified': { value: 'true' } },
} as const

/** The same roads where nobody has checked out before, and nobody else tells what happened: Tekton Pipelines. */
export const roadFromCommit = { ...defaultRoad, tasks: ['source', ...defaultRoad.tasks, 'report'] } as const
export const signedRoadFromCommit = { ...signedRoad, decided, tasks: ['source', ...signedRoad.tasks, 'report'] } as const
