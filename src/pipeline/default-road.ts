import { account, gitAccount, registryAccount, scanned, signer } from './signing.ts'

/** What runs where a folder has no pipeline file. */
export const defaultRoad = {
  name: 'release',
  summary: 'The road from a commit to a pushed image.',
  tasks: ['test', 'build', 'sbom', 'push'],
} as const

/** With a scan before anything is sent: only for those who say by which advisories, which Slipway does not bring along. */
export function withScan(tasks: readonly string[]): readonly string[] {
  return tasks.toSpliced(tasks.indexOf('push'), 0, 'scan')
}

/** What brings the image to where it runs, for those who say where that is: behind everything that looks at it. */
export const delivery: readonly string[] = ['gitops-update', 'argocd-sync']

/**
 * On a road that is a fixed list these are always there. The scan runs where it is said by which advisories, or by what to judge, and a
 * delivery where it is said to what.
 */
const guarded = { scan: ['database', 'policy', 'fail-on'], 'gitops-update': ['repository'], 'argocd-sync': ['server'] } as const

/** The same with a signature; the tags move when all else is done. */
export const signedRoad = {
  name: 'release-signed',
  summary: 'The road from a commit to an image that is signed, attested and verified before its tags move.',
  tasks: [...defaultRoad.tasks, 'sign', 'attest', 'verify', 'tag'],
} as const

/** Inputs that a road decides by itself where it is a fixed list of tasks: what `wired` does where it is read from a file. */
const asPushed = Object.fromEntries([...account.map((input) => [input, { as: 'push' }] as const), ['image', 'unset'] as const])
const named = {
  sbom: { image: { as: 'push' } },
  scan: Object.fromEntries(scanned.map(([input, theirs]) => [input, { as: 'push', input: theirs }] as const)),
} as const
/** What is asked before anything is built, is what `push` will do. */
const asked = Object.fromEntries(
  ['image', 'tags', ...account, 'preflight', 'create-project'].map((input) => [input, { as: 'push' }] as const),
)
const decided = {
  ...named,
  preflight: asked,
  push: { 'tags-last': { value: 'true' } },
  sign: asPushed,
  attest: { ...asPushed, ...Object.fromEntries(signer.map((input) => [input, { as: 'sign' }])) },
  verify: { ...asPushed, 'as-signed': { value: 'true' } },
  tag: { ...asPushed, tags: 'unset', 'require-verified': { value: 'true' } },
  'gitops-update': {
    ...Object.fromEntries(registryAccount.map(([input, theirs]) => [input, { as: 'push', input: theirs }] as const)),
    image: 'unset',
    'require-verified': { value: 'true' },
  },
  'argocd-sync': {
    ...Object.fromEntries(gitAccount.map(([input, theirs]) => [input, { as: 'gitops-update', input: theirs }] as const)),
    revision: 'unset',
  },
} as const

/** The signed road with the scanner of a Harbor: the gate is behind the push, of which no tag tells yet, and before the signature. */
const scannedInHarbor = {
  ...decided,
  preflight: { ...asked, scan: { value: 'true' } },
  scan: {
    ...Object.fromEntries(account.map((input) => [input, { as: 'push' }] as const)),
    source: { value: 'harbor' },
    'harbor-image': { as: 'push', input: 'image' },
  },
  sign: { ...asPushed, 'require-gate': { value: 'true' } },
  tag: { ...decided.tag, 'require-gate': { value: 'true' } },
} as const

/** The same roads where nobody has checked out before, and nobody else tells what happened: Tekton Pipelines. */
export const roadFromCommit = {
  ...defaultRoad,
  guarded,
  decided: { ...named, preflight: asked },
  tasks: ['source', 'preflight', ...withScan(defaultRoad.tasks), 'report'],
} as const
export const signedRoadFromCommit = {
  ...signedRoad,
  summary: 'The road from a commit to an image that is signed, attested and verified before its tags move, and then delivered.',
  guarded,
  decided,
  tasks: ['source', 'preflight', ...withScan(signedRoad.tasks), ...delivery, 'report'],
} as const
export const harborRoadFromCommit = {
  name: 'release-harbor',
  summary:
    'The road from a commit to an image in Harbor that its scanner has seen and the gate let pass, that is signed, attested and verified before its tags move, and then delivered.',
  guarded: { 'gitops-update': guarded['gitops-update'], 'argocd-sync': guarded['argocd-sync'] },
  decided: scannedInHarbor,
  tasks: ['source', 'preflight', ...signedRoad.tasks, 'scan', ...delivery, 'report'],
} as const
