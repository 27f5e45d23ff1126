import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sha256 } from '../base/digest.ts'
import { githubHost } from '../host/github.ts'
import { tektonHost } from '../host/tekton.ts'
import { defineTask, implement } from '../spec/define.ts'
import { text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'
import { openSession } from './ports.ts'
import { fakeSurroundings, kinds, workspaceWith } from './road.fake.ts'
import { runSingle } from './single.ts'

const definition = defineTask({
  name: 'look',
  summary: 'Finds out much.',
  reads: [],
  writes: [],
  inputs: { times: text({ optional: true, summary: 'How often a line is repeated.' }) },
  outputs: { allFindings: out.file({ summary: 'What was found.' }) },
  errors: [],
})
const found = (times: string): string => 'a finding, längst\n'.repeat(Number(times))
const run = implement(definition, async ({ times }) => ({
  outputs: { allFindings: times === undefined ? undefined : found(times) },
  record: {},
}))

const hosts = {
  github: { create: githubHost, files: { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary' } },
  tekton: { create: tektonHost, files: { RESULT_ALL_FINDINGS: 'output' } },
} as const

async function look(name: keyof typeof hosts, times: string | undefined, workspace = workspaceWith({ output: '', summary: '' })) {
  const { create, files } = hosts[name]
  const paths = Object.fromEntries(Object.entries(files).map(([variable, file]) => [variable, join(workspace, file)]))
  const host = create(fakeSurroundings({ environment: { ...paths, GITHUB_WORKSPACE: workspace, SLIPWAY_WORKSPACE: workspace } }))
  const common = { workspace, signal: new AbortController().signal, version: '0.0.0', emit: () => undefined, hostLog: true }
  const session = await openSession({ host, ...common })
  const task = { definition, load: () => Promise.resolve(run as never) }
  const inputs = () => new Map(times === undefined ? [] : [['times', times]])
  const end = await runSingle({ session, task, inputs, failures: { kinds: [], bug: kinds.bug } })
  const path = join(workspace, '.slipway/outputs/look/all-findings')
  return { end, output: readFileSync(join(workspace, 'output'), 'utf8'), file: existsSync(path) ? readFileSync(path, 'utf8') : undefined }
}

describe.each(['github', 'tekton'] as const)('an output that is a file, on %s', (host) => {
  it('is kept in the workspace, and its digest is the output', async () => {
    const { end, output, file } = await look(host, '10000')
    expect(end.exit).toBe(0)
    expect(file).toBe(found('10000'))
    expect(host === 'tekton' ? output : output.split('\n')[1]).toBe(sha256(found('10000')))
  })

  it('may be an empty text, which has a digest', async () => {
    const { output, file } = await look(host, '0')
    expect(file).toBe('')
    expect(output).toContain(sha256(''))
  })

  it('is an empty output and no file when the task does not know it', async () => {
    const { output, file } = await look(host, undefined)
    expect(file).toBeUndefined()
    expect(output).not.toContain('sha256')
  })

  it('fails the task when it is larger than 16 MiB', async () => {
    const { end, output, file } = await look(host, '1000000')
    expect(end).toMatchObject({ failure: { code: 'SW-OUTPUT-TOO-LARGE' } })
    expect([file, output.includes('sha256')]).toEqual([undefined, false])
  })
})

it('does not leave the workspace by a link that came with a checkout', async () => {
  const workspace = workspaceWith({ output: '', summary: '' })
  const outside = workspaceWith()
  mkdirSync(join(workspace, '.slipway/outputs'), { recursive: true })
  symlinkSync(outside, join(workspace, '.slipway/outputs/look'))
  const { end } = await look('tekton', '3', workspace)
  expect(end).toMatchObject({ failure: { code: 'SW-PATH-OUTSIDE' } })
  expect(existsSync(join(outside, 'all-findings'))).toBe(false)
})
