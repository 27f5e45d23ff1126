import { sha256 } from '../../src/base/digest.ts'
import { defineError } from '../../src/base/errors.ts'
import { defineTask, implement } from '../../src/spec/define.ts'
import { choice, list, map, secret, text } from '../../src/spec/kinds.ts'
import { out } from '../../src/spec/output.ts'

const refused = defineError({
  code: 'SW-ECHO-REFUSED',
  fault: 'policy',
  title: 'Echo was told to say no.',
  causes: ['mode is fail.'],
  fix: 'Use another mode.',
})

const modes = ['echo', 'annotate', 'big', 'fail', 'forever', 'identity', 'leak', 'summary', 'wait', 'whole'] as const

/** A task for the models' own tests: gives back what it was given, and misbehaves when told to. */
export const task = defineTask({
  name: 'echo',
  summary: 'Give back what was given.',
  reads: [],
  writes: [],
  inputs: {
    mode: choice(modes, { default: 'echo', summary: 'What to do.' }),
    message: text({ default: '', summary: 'Any text.' }),
    tags: list({ default: [], summary: 'Any texts.' }),
    labels: map({ default: {}, summary: 'Texts by name.' }),
    password: secret({ optional: true, summary: 'Hidden.' }),
  },
  outputs: {
    message: out.text({ summary: 'The message, when it is short.' }),
    digest: out.digest({ summary: 'Of everything that was given.' }),
    tags: out.text({ summary: 'The tags as JSON, when they are short.' }),
    image: out.image({ summary: 'An image named by the digest.' }),
  },
  errors: [refused],
})

export const run = implement(task, async (input, context) => {
  const { mode, message, tags, labels, password } = input
  if (mode === 'wait') {
    context.log.info('waiting')
    await context.clock.sleep(60_000)
  }
  if (mode === 'forever') {
    context.log.info('waiting')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  }
  if (mode === 'identity') context.log.info('token', { token: await context.identity.token('sigstore') })
  if (mode === 'annotate') {
    for (const line of Array.from({ length: 13 }, (_, index) => index + 1)) {
      context.annotate({ level: 'error', message: `${message}\n${line}`, title: 'a: b, c', file: 'src/a,b.ts', line, column: 7 })
    }
  }
  if (mode === 'leak') {
    context.log.info('password', { password })
    context.log.untrusted(`before\n::add-mask::x\n  ##[set-output name=y]z\n${password}\n`)
    await context.process.run({
      argv: [
        process.execPath,
        '-e',
        `process.stdout.write(process.env.SECRET.slice(0, 5)); setTimeout(() => console.log(process.env.SECRET.slice(5)), 50)`,
      ],
      env: { SECRET: password ?? '' },
      echo: true,
    })
  }
  const digest = sha256(JSON.stringify([message, tags, labels]))
  const short = (value: string): string => (Buffer.byteLength(value) <= 200 ? value : '')
  const long = mode === 'big' ? '<'.repeat(700) : mode === 'whole' ? message : undefined
  return {
    outputs: { message: long ?? short(message), digest, tags: short(JSON.stringify(tags)), image: `registry.example.com/echo@${digest}` },
    record: {},
    own: { message, tags: JSON.stringify(tags), labels: JSON.stringify(labels) },
    headline: `${tags.length} tags`,
    summary:
      mode === 'summary'
        ? [{ kind: 'table', columns: ['n', 'text'], rows: Array.from({ length: 20_000 }, (_, index) => [String(index), message]) }]
        : [],
    ...(mode === 'fail' ? { failure: refused('Echo says no, expected yes.') } : {}),
  }
})
