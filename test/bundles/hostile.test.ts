import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { startFakeRegistry } from '../fakes/registry.ts'
import { escapeParam } from '../models/tekton-step.ts'
import { onGithub, onTekton, slipway } from './bundles.ts'
import { checkout, copyOf, imageIn, recordIn, workspaceWith } from './workspaces.ts'

const hostile = [
  ['quotes', `'single' "double" \`back\` \\`],
  ['lines', 'one\ntwo\r\nthree\n'],
  ['a variable', '$(HOME)'],
  // Not of a parameter that the Task lacks: with one Tekton makes no pod (test/models/tekton-step.test.ts).
  ['a reference', '$(context.none) $(results.none.path) $(workspaces.none.path)'],
  ['dollars', '$$ $$$ $'],
  ['emoji', '🚢 ñ \u2028'],
  ['twenty kilobytes', 'ab<&>'.repeat(4096)],
  ['nothing', ''],
  ['a leading dash', '--tags=x'],
  ['commands', '::error::x\n##[warning]y\n::set-output name=digest::z'],
  ['a heredoc', 'digest<<EOF\nx\nEOF'],
] as const

/** Where a name or path has to be short. */
const brief = (value: string): string => value.slice(0, 100)
/** Texts of a Tekton array: there `$$` means `$`, by Kubernetes' own rule. */
const escaped = (items: readonly string[]): readonly string[] => items.map(escapeParam)
const pairs = (map: Readonly<Record<string, string>>): readonly string[] => escaped(Object.entries(map).map((pair) => pair.join('=')))

describe('build: labels, variables, annotations and arguments (on Tekton items of lists, with "$" escaped), and paths (as they are)', () => {
  const app = workspaceWith({ ...checkout, 'app/hello.txt': 'hello', 'app/run': '#!/bin/true\n' })

  test.each(hostile)('that hold %s reach the image byte for byte; outputs and records are equal', async (_, value) => {
    const program = ['/app/run', value, `${value}2`, '-x', '']
    const named = { plain: value, [`k${value.replaceAll('=', ':')}k`]: 'x' }
    const [layout, workdir] = [`.slipway/la${brief(value)}yout`, `/srv/${brief(value)}x`]
    const scalars = { context: 'app', base: 'scratch', plan: 'folder', workdir, layout }
    const [asList, asMap] = [JSON.stringify(program), JSON.stringify(named)]
    const [here, there] = [copyOf(app), copyOf(app)]
    const [github, tekton] = await Promise.all([
      onGithub('build', {
        workspace: here,
        inputs: { ...scalars, entrypoint: asList, cmd: asList, env: asMap, labels: asMap, annotations: asMap },
      }),
      onTekton('build', {
        workspaces: { source: there },
        params: {
          ...scalars,
          ...{ entrypoint: escaped(program), cmd: escaped(program) },
          ...{ env: pairs(named), labels: pairs(named), annotations: pairs(named) },
        },
      }),
    ])
    expect([github.failed, tekton.failed]).toEqual([false, false])
    expect(Object.fromEntries(tekton.results ?? [])).toEqual(Object.fromEntries(github.outputs))
    expect(recordIn(there)).toBe(recordIn(here))
    const image = imageIn(join(here, layout))
    expect(imageIn(join(there, layout))).toEqual(image)
    expect(Object.fromEntries(github.outputs)).toEqual({ digest: image.digest, image: `oci:${layout}:latest`, layout })
    expect(image.config).toMatchObject({ Entrypoint: program, Cmd: program, WorkingDir: workdir, Labels: named })
    expect(image.config.Env).toEqual(Object.entries(named).map(([name, text]) => `${name}=${text}`))
    expect(image.annotations).toMatchObject(named)
  })
})

/** Writes down what it was given, and reports a test for each argument. */
const recorder = `const fs = require('fs')
const given = process.argv.slice(2)
const xml = (text) => text.replace(/[<>&"\\n\\r\\t]/g, (one) => '&#' + one.charCodeAt(0) + ';')
const cases = given.map((text) => '<testcase name="' + xml(text) + '"/>').join('')
fs.writeFileSync('given.json', JSON.stringify(given))
fs.writeFileSync(given[0], '<testsuite>' + cases + '<testcase name="last"><failure message="' + xml(given[1]) + '"/></testcase></testsuite>')
process.exit(1)
`

describe('test: arguments of the command and globs (on Tekton items of lists, with "$" escaped), and the folder (as it is)', () => {
  test.each(hostile)('that hold %s reach the program; outputs are equal, and records but for the time taken', async (_, value) => {
    const [folder, report] = [`se${brief(value)}rvice`, 'report of tests.xml']
    const project = workspaceWith({ ...checkout, [`${folder}/recorder.cjs`]: recorder })
    const given = [report, value, `${value}2`, '-x', '']
    const command = ['node', 'recorder.cjs', ...given]
    const reports = [report, `none${brief(value)}`]
    const [here, there] = [copyOf(project), copyOf(project)]
    const [github, tekton] = await Promise.all([
      onGithub('test', {
        workspace: here,
        inputs: { 'working-directory': folder, command: JSON.stringify(command), reports: JSON.stringify(reports) },
      }),
      onTekton('test', {
        workspaces: { source: there },
        params: { 'working-directory': folder, image: 'node', command: escaped(command), reports: escaped(reports) },
      }),
    ])
    for (const place of [here, there]) expect(JSON.parse(readFileSync(join(place, folder, 'given.json'), 'utf8'))).toEqual(given)
    expect([github.exitCode, tekton.exitCode]).toEqual([3, 3])
    const { TEST_OUTPUT, ...results } = Object.fromEntries(tekton.results ?? [])
    expect(results).toEqual(Object.fromEntries(github.outputs))
    expect(results).toEqual({ passed: '5', failed: '1', skipped: '0', flaky: '0', coverage: '' })
    expect(JSON.parse(TEST_OUTPUT ?? '')).toMatchObject({ result: 'FAILURE', successes: 5, failures: 1 })
    expect(withoutDuration(recordIn(there))).toBe(withoutDuration(recordIn(here)))
    expect([github.errors, github.annotations.filter(({ message }) => message === 'x')]).toEqual([[], []])
  })
})

/** One step runs the command on GitHub, and measures it; on Tekton it is another step, and the reports tell. */
function withoutDuration(record: string): string {
  return record.replace(/"duration": \d+/, '"duration": -')
}

describe('push: user name and password (on Tekton a parameter as it is, and a Secret), a layout’s path, and tags', () => {
  test.each(hostile)('that hold %s are those that the registry is shown; outputs and records are equal', async (_, value) => {
    const [username, password] = value === '' ? ['', ''] : [`u${brief(value)}`, `pass ${value} word`]
    const layout = `la${brief(value)}yout`
    const app = await built(layout)
    const [here, there] = [copyOf(app), copyOf(app)]
    await using registry = await startFakeRegistry(username === '' ? {} : { auth: { mode: 'basic', username, password } })
    const scalars = { image: `${registry.address}/team/app`, username }
    const [github, tekton] = await Promise.all([
      onGithub('push', { workspace: here, inputs: { ...scalars, password, tags: '1.0.0, latest' } }),
      onTekton('push', {
        workspaces: { source: there },
        params: { ...scalars, tags: ['1.0.0', 'latest'] },
        secrets: { 'slipway-push': { password } },
      }),
    ])
    expect([github.failed, tekton.failed]).toEqual([false, false])
    const { IMAGE_URL, IMAGE_DIGEST, IMAGES, ...results } = Object.fromEntries(tekton.results ?? [])
    const { digest } = imageIn(join(here, layout))
    expect({ ...results, images: IMAGES }).toEqual(Object.fromEntries(github.outputs))
    const image = `${scalars.image}@${digest}`
    expect([results, IMAGE_URL, IMAGE_DIGEST, IMAGES]).toEqual([{ digest, image }, scalars.image, digest, image])
    expect(recordIn(there)).toBe(recordIn(here))
    const shown = new Set(registry.asked.flatMap(({ headers }) => headers['authorization'] ?? []))
    expect([...shown]).toEqual(username === '' ? [] : [`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`])
    expect(password !== '' && (withoutMasks(github.raw) + tekton.log).includes(password)).toBe(false)
  })

  const refused = ['lines', 'a variable', 'dollars', 'a leading dash', 'twenty kilobytes']
  test.each(hostile.filter(([name]) => refused.includes(name)))(
    'a tag that holds %s is refused on both, and nothing is sent',
    async (_, tag) => {
      const app = await built('.slipway/layout')
      await using registry = await startFakeRegistry()
      const image = `${registry.address}/team/app`
      const tags = ['1.0.0', tag]
      const [github, tekton] = await Promise.all([
        onGithub('push', { workspace: copyOf(app), inputs: { image, tags: JSON.stringify(tags) } }),
        onTekton('push', { workspaces: { source: copyOf(app) }, params: { image, tags: escaped(tags) } }),
      ])
      expect([github.exitCode, tekton.exitCode, registry.asked]).toEqual([2, 2, []])
      expect([...github.outputs.values(), ...(tekton.results?.values() ?? [])]).toEqual(Array(8).fill(''))
      expect([github.annotations[0]?.properties.get('title'), tekton.log.includes('SW-PUSH-TAG')]).toEqual(['SW-PUSH-TAG', true])
    },
  )
})

/** A workspace with an image in a layout. */
async function built(layout: string): Promise<string> {
  const cwd = workspaceWith({ ...checkout, 'app/run': '#!/bin/true\n' })
  const argv = ['build', '--context=app', '--base=scratch', '--plan=folder', '--entrypoint=/app/run', `--layout=${layout}`]
  expect(await slipway(argv, { cwd })).toMatchObject({ code: 0, stderr: '' })
  return cwd
}

function withoutMasks({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')
}
