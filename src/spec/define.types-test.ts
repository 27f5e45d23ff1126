/** What the compiler must accept and refuse. Checked by `npm run types`: an expected error that does not come is an error. */
import type { Digest } from '../base/digest.ts'
import { defineTask, implement } from './define.ts'
import { boolean, choice, digest, integer, list, path, secret, text } from './kinds.ts'
import { out } from './output.ts'

declare const someDigest: Digest

const sample = defineTask({
  name: 'sample',
  summary: 'A task that exists for the compiler.',
  reads: ['subject'],
  writes: ['pushes'],
  inputs: {
    tags: list({ default: [], summary: 'Tags.' }),
    layout: path({ from: 'subject.layout', summary: 'The layout.' }),
    digest: digest({ from: 'subject.digest', summary: 'What.' }),
    username: text({ optional: true, summary: 'Who.' }),
    password: secret({ optional: true, summary: 'Secret.' }),
    mode: choice(['fast', 'safe'], { default: 'safe', summary: 'How.' }),
    force: boolean({ default: false, summary: 'Whether.' }),
  },
  outputs: { digest: out.digest({ summary: 'What was pushed.' }), count: out.integer({ summary: 'How many.' }) },
  rules: [{ requires: ['password', 'username'] }],
  errors: [],
})

const pushed = { image: 'r.example/app', digest: someDigest, tags: [] }

implement(sample, async (input, context) => {
  const name: string | undefined = input.username
  const tags: readonly string[] = input.tags
  const layout: string = input.layout
  const mode: 'fast' | 'safe' = input.mode
  const known: string | undefined = context.record.subject?.layout
  // @ts-expect-error a misspelt input
  input.usernmae
  // @ts-expect-error an optional input may be absent
  const certain: string = input.username
  // @ts-expect-error a section that `reads` does not name
  context.record.tests
  return { outputs: { digest: input.digest, count: [name, tags, layout, mode, known, certain].length }, record: { pushes: [pushed] } }
})

// @ts-expect-error a missing output
implement(sample, async () => ({ outputs: { digest: someDigest }, record: { pushes: [pushed] } }))

// @ts-expect-error an undeclared output
implement(sample, async () => ({ outputs: { digest: someDigest, count: 1, extra: 1 }, record: { pushes: [pushed] } }))

// @ts-expect-error an output of another type
implement(sample, async () => ({ outputs: { digest: 'sha256:?', count: 1 }, record: { pushes: [pushed] } }))

// @ts-expect-error a record section that `writes` does not name
implement(sample, async () => ({ outputs: { digest: someDigest, count: 1 }, record: { pushes: [pushed], mesh: { verdict: 'pass' } } }))

// @ts-expect-error a missing section
implement(sample, async () => ({ outputs: { digest: someDigest, count: 1 }, record: {} }))

const rest = { name: 'x', summary: 'x', reads: [], writes: [], outputs: {}, errors: [] } as const
// @ts-expect-error a rule on an unknown input
defineTask({ ...rest, inputs: { a: text({ optional: true, summary: 'a' }) }, rules: [{ requires: ['a', 'b'] }] })
// @ts-expect-error a section that does not exist
defineTask({ ...rest, inputs: {}, writes: ['nothing'] })
// @ts-expect-error a path that the record does not have
path({ from: 'subject.nothing', summary: 'x' })
// @ts-expect-error a path of another type
integer({ from: 'subject.layout', summary: 'x' })
// @ts-expect-error a text that is no digest
digest({ from: 'subject.layout', summary: 'x' })
// @ts-expect-error a default of the wrong type
integer({ default: '1', summary: 'x' })
// @ts-expect-error a default that is none of the choices
choice(['a', 'b'], { default: 'c', summary: 'x' })
// @ts-expect-error a secret with a default
secret({ default: 'x', summary: 'x' })
// @ts-expect-error a secret with a default beside a proper absence
secret({ optional: true, default: 'x', summary: 'x' })
// @ts-expect-error neither required, default, from nor optional
text({ summary: 'x' })
