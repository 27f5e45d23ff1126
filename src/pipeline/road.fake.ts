import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../base/digest.ts'
import { defineError } from '../base/errors.ts'
import { localHost } from '../host/local.ts'
import type { Surroundings } from '../host/process-environment.ts'
import { fill, temporaryFolder } from '../io/fixtures/folder.ts'
import type { Event, Fact } from '../report/events.ts'
import { stamp } from '../report/events.ts'
import { defineTask, implement } from '../spec/define.ts'
import type { Task } from '../spec/execute.ts'
import { boolean, integer, list, map, path, secret, text } from '../spec/kinds.ts'
import { out } from '../spec/output.ts'
import type { Log } from '../spec/ports.ts'
import { openSession, type Session } from './ports.ts'

/** Errors of the fake tasks, and the one that stands for a mistake of ours. */
export const kinds = {
  bug: defineError({ code: 'SW-BUG', fault: 'tool', exit: 1, title: 'A mistake.', causes: [], fix: 'Send it.' }),
  refused: defineError({ code: 'SW-FAKE-REFUSED', fault: 'policy', title: 'It was refused.', causes: [], fix: 'Ask nicely.' }),
}

const test = defineTask({
  name: 'test',
  summary: 'A fake of test.',
  reads: [],
  writes: ['tests'],
  inputs: {
    command: list({ default: [], summary: 'What to run.' }),
    retries: integer({ default: 0, max: 9, summary: 'How often.' }),
    failOnNoTests: boolean({ default: true, summary: 'Whether.' }),
    labels: map({ default: {}, summary: 'Names.' }),
  },
  outputs: { passed: out.integer({ summary: 'How many.' }) },
  errors: [kinds.refused],
})

const build = defineTask({
  name: 'build',
  summary: 'A fake of build.',
  reads: ['source'],
  writes: ['subject'],
  inputs: {
    base: text({ default: 'scratch', summary: 'On what.' }),
    context: path({ default: '.', summary: 'Of what.' }),
    token: secret({ optional: true, summary: 'A secret.' }),
  },
  outputs: { digest: out.digest({ summary: 'What.' }) },
  errors: [],
})

const sbom = defineTask({
  name: 'sbom',
  summary: 'A fake of sbom.',
  reads: ['subject'],
  writes: ['sboms'],
  inputs: {},
  outputs: { packages: out.integer({ summary: 'How many.' }) },
  errors: [],
})

const push = defineTask({
  name: 'push',
  summary: 'A fake of push.',
  reads: ['subject'],
  writes: ['pushes'],
  inputs: {
    image: text({ required: true, summary: 'Where to.', example: 'registry.example/app' }),
    username: text({ optional: true, summary: 'Who.' }),
    password: secret({ optional: true, summary: 'A secret.' }),
  },
  outputs: { image: out.image({ summary: 'What.' }) },
  rules: [{ requires: ['password', 'username'] }],
  errors: [kinds.refused],
})

/** What the fake tasks did, and what they shall do. */
export interface Script {
  readonly ran: string[]
  /** Called by each task when it runs; `test` lends its log. */
  during?: (task: string, log?: Log) => Promise<void> | void
}

/** Fakes of test, build, sbom and push: they write the record as the real ones do. The digest is that of the file `app`'s text, `seed`. */
export function fakeTasks(script: Script, seed = 'app'): readonly Task[] {
  const step = async (name: string, log?: Log): Promise<void> => {
    script.ran.push(name)
    await script.during?.(name, log)
  }
  const digest = sha256(seed)
  const runTest = implement(test, async (_input, context) => {
    await step('test', context.log)
    context.log.untrusted('ok 1\n')
    const totals = { passed: 24, failed: 0, skipped: 1, flaky: 0, duration: 5, reports: [], verdict: 'pass' as const }
    return { outputs: { passed: 24 }, record: { tests: totals }, headline: '24 passed, 1 skipped', own: { runs: 1 } }
  })
  const runBuild = implement(build, async (input) => {
    await step('build')
    const subject = { digest, mediaType: input.base, layout: '.slipway/layout', platforms: [] }
    return { outputs: { digest }, record: { subject }, headline: 'sha256:3f2a91… · 3 layers' }
  })
  const runSbom = implement(sbom, async () => {
    await step('sbom')
    return { outputs: { packages: 2 }, record: { sboms: [] }, headline: '2 packages' }
  })
  const runPush = implement(push, async (input, context) => {
    await step('push')
    const subject = context.record.subject?.digest ?? digest
    return {
      outputs: { image: `${input.image}@${subject}` },
      record: { pushes: [{ image: input.image, digest: subject, tags: [] }] },
      headline: input.image,
      summary: [{ kind: 'text', text: `pushed to ${input.image}` }],
    }
  })
  return [
    { definition: test, load: async () => runTest },
    { definition: build, load: async () => runBuild },
    { definition: sbom, load: async () => runSbom },
    { definition: push, load: async () => runPush },
  ]
}

const root = temporaryFolder()

/** A folder with files, by path. */
export function workspaceWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(root, 'workspace-'))
  fill(folder, files)
  return folder
}

/** A process for tests: nothing of the real one but its temporary folder. */
export function fakeSurroundings(
  given: Partial<Surroundings> = {},
): Surroundings & { readonly written: { stdout: string; stderr: string } } {
  const written = { stdout: '', stderr: '' }
  return {
    environment: {},
    argv: [],
    workingFolder: tmpdir(),
    temporary: tmpdir(),
    terminal: false,
    write: (piece, stream) => {
      written[stream] += piece
    },
    now: Date.now,
    onExit: () => undefined,
    written,
    ...given,
  }
}

/** A session on the local host, and the events that it tells. */
export async function fakeSession(
  workspace: string,
  given: { environment?: Surroundings['environment']; signal?: AbortSignal } = {},
): Promise<{ session: Session; events: Event[] }> {
  const events: Event[] = []
  const host = localHost(fakeSurroundings({ environment: given.environment ?? {}, workingFolder: workspace }))
  const session = await openSession({
    host,
    workspace,
    signal: given.signal ?? new AbortController().signal,
    version: '0.0.0',
    emit: (fact: Fact) => void events.push(stamp(fact, Date.now())),
    hostLog: false,
  })
  return { session, events }
}
