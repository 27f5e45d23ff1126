import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { policyOfFile } from './policy-of-file.ts'

it('is stopped with the run while it waits for a key of the policy that comes out of a pipe', async () => {
  const [stopping, stopped] = [new AbortController(), new Error('stopped')]
  const { ports } = fakePorts({ signal: stopping.signal })
  const { workspace } = ports.files
  execFileSync('mkfifo', ['-m', '600', join(workspace, 'pipe')])
  writeFileSync(join(workspace, 'policy.yaml'), 'signers: [{ key: pipe }]')
  const read = expect(policyOfFile('policy.yaml', ports)).rejects.toMatchObject({ code: 'SW-KEY-MISSING', cause: stopped })
  setTimeout(() => stopping.abort(stopped), 100)
  await read
})
