import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import type { ErrorKind } from '../base/errors.ts'
import { widthOf } from '../report/width.ts'
import { tasks as realTasks } from '../tasks/registry.ts'
import { allErrors } from './errors-catalogue.ts'
import { mainHelp, runHelp, taskHelp } from './help.ts'
import { slipway } from './main.fake.ts'
import { modeFlags } from './modes.ts'

describe('help', () => {
  const definitions = realTasks.map(({ definition }) => definition)
  const pages = (columns: number): string[] => [
    mainHelp(definitions, columns),
    runHelp(definitions, columns),
    ...definitions.map((task) => taskHelp(task, columns)),
  ]

  test.each([60, 80, 100])('fits %i columns, but for what can be pasted', (columns) => {
    const long = pages(columns)
      .join('')
      .split('\n')
      .filter((line) => widthOf(line) > columns && !/^(?:usage|example| +\S+$)/.test(line))
    expect(long).toEqual([])
  })

  test.each([
    ['--help'],
    ['-h'],
    ['help'],
    ['run', '--help'],
    ['resume', '-h'],
    ['push', '--help'],
    ['registry', '--help'],
    ['--version'],
    ['explain'],
  ])('slipway %s %s', async (...argv) => {
    const { exit, stdout, stderr } = await slipway(argv.filter((word) => word !== undefined))
    expect([exit, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/\S\n$/)
  })

  it('names every input and output of a task', () => {
    for (const definition of definitions) {
      const page = taskHelp(definition, 100)
      for (const name of Object.keys(definition.outputs))
        expect(page).toContain(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
      expect(page).not.toContain('undefined')
    }
  })

  it('leaves no input of a task without a flag of its own', () => {
    const taken = new Set<string>([...modeFlags.map(({ name }) => name), 'help'])
    for (const { inputs } of definitions) expect(Object.keys(inputs).filter((name) => taken.has(name))).toEqual([])
  })
})

describe('explain', () => {
  it('knows every error that is defined anywhere', async () => {
    const sources = globSync('src/**/errors.ts').concat(globSync('src/**/record.ts'))
    const modules: Record<string, unknown>[] = await Promise.all(sources.map((path) => import(join(process.cwd(), path))))
    const isKind = (value: unknown): value is ErrorKind => typeof value === 'function' && 'code' in value && 'causes' in value
    const defined = modules.flatMap((exports) => Object.values(exports).filter(isKind)).map(({ code }) => code)
    expect(defined.length).toBeGreaterThan(30)
    expect([...new Set(defined)].filter((code) => !allErrors.some((kind) => kind.code === code))).toEqual([])
  })

  it('prints title, causes, fix and exit code, without a network', async () => {
    const { stdout } = await slipway(['explain', 'sw-pipeline-order'])
    expect(stdout).toMatch(/^SW-PIPELINE-ORDER {3}input\nA task .*\n\ncauses\n {2}- .*\n\nfix {3}.*\n\nexit 2: /)
  })
})
