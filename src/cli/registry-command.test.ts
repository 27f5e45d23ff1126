import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { silent } from '../../test/fakes/served-registry.ts'
import { temporaryFolder } from '../../test/real/folder.ts'
import { serveRegistry } from './registry-command.ts'

it('serves with a profile, faults and an account until it is stopped, and has logged every request by then', async () => {
  using folder = temporaryFolder('registry-command')
  writeFileSync(join(folder.path, 'faults.yaml'), 'rules: [{ name: busy, on: { request: tags }, times: 1, action: status, status: 503 }]\n')
  writeFileSync(join(folder.path, 'account'), 'tester:not-a-secret\n')
  const stop = new AbortController()
  const lines: string[] = []
  const print = (line: string): void => void lines.push(line)
  const argv = ['--fault', 'faults.yaml', '--profile', 'ecr', '--credentials', 'account', '--log', 'log.jsonl', '--root', 'registry']
  const running = serveRegistry(argv, { workingFolder: folder.path, log: silent, signal: stop.signal, print })
  while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  const [, address = ''] = lines[0]?.split(/ {2,}/) ?? []
  const statuses: number[] = []
  for (const headers of [
    {},
    { authorization: `Basic ${btoa('tester:not-a-secret')}` },
    { authorization: `Basic ${btoa('tester:not-a-secret')}` },
  ])
    statuses.push((await fetch(`http://${address}/v2/app/tags/list`, { headers })).status)
  stop.abort()
  await running
  expect(statuses).toEqual([401, 503, 404])
  const logged = readFileSync(join(folder.path, 'log.jsonl'), 'utf8')
  expect(
    logged
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { kind: 'tags', status: 401, rules: [], credentials: 'none' },
    { kind: 'tags', status: 503, rules: ['busy'], credentials: 'basic' },
    { kind: 'tags', status: 404, rules: [], credentials: 'basic' },
  ])
  expect(lines[1]).toMatch(/^profile {3}ecr {2}Amazon ECR/)
})

it.each(['', 'tester', 'tester:', ':x', 'a:b\nc:d\n'])('refuses credentials like %j', async (text) => {
  using folder = temporaryFolder('registry-command')
  writeFileSync(join(folder.path, 'account'), text)
  const surrounding = { workingFolder: folder.path, log: silent, signal: new AbortController().signal, print: () => undefined }
  await expect(serveRegistry(['--credentials', 'account'], surrounding)).rejects.toMatchObject({ code: 'SW-USAGE' })
})
