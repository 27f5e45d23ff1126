import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from '@jest/globals'
import { load } from 'js-yaml'
import type { Params } from '../../src/cli/tekton/substitution.ts'
import { tektonTask } from '../../src/emit/tekton-task.ts'
import { task } from './echo-task.ts'
import { newFolder } from './folders.ts'
import { hostile } from './hostile.ts'
import { startTokenService } from './runner/oidc.ts'
import { forget, runStep, type StepOptions, type StepResult } from './runner.ts'
import { escapeParam, forgetRun, runTask, type TaskOptions, type TaskRun } from './tekton-step.ts'

const program = join(import.meta.dirname, 'echo.ts')
/** Milliseconds until the next signal, which should not be needed: hosts wait for less, and a slow machine takes longer. */
const patience = 60_000
const forgetting: (() => void)[] = []
afterAll(() => {
  for (const forgetOne of forgetting) forgetOne()
})

/** The echo task as an action. */
async function onGithub(inputs: Readonly<Record<string, string>>, options: Omit<StepOptions, 'argv'> = {}): Promise<StepResult> {
  const result = await runStep({ argv: [process.execPath, program], inputs, ...options })
  forgetting.push(() => forget(result))
  return result
}

/** The echo task as the Task that the emitter makes of it. */
async function onTekton(params: Params, options: Partial<TaskOptions> = {}): Promise<TaskRun & { readonly source: string }> {
  const [file] = tektonTask(task, { doc: '', image: 'example.com/slipway:1@sha256:0', source: 'echo-task.ts', version: '1.0.0' })
  const source = newFolder()
  const result = await runTask({
    task: load(file?.content ?? ''),
    params,
    workspaces: { source },
    program: (argv) => [process.execPath, program, ...argv.slice(2)],
    ...options,
  })
  forgetting.push(() => forgetRun(result))
  return { ...result, source }
}

function recordIn(workspace: string): string {
  return readFileSync(join(workspace, '.slipway', 'record.json'), 'utf8')
}

/** What every secret looks like in text. */
function formsOf(secret: string): string[] {
  return [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
}

describe('the same values', () => {
  test.each(hostile)('(%s) give equal outputs and equal records on both hosts', async (_, value) => {
    const items = [value, '-x', `${value}2`].filter((item) => item !== '')
    const [github, tekton] = await Promise.all([
      onGithub({ message: value, tags: JSON.stringify(items), labels: JSON.stringify({ k: value }) }),
      onTekton({ message: value, tags: items.map(escapeParam), labels: [escapeParam(`k=${value}`)] }),
    ])
    expect([github.failed, github.log, tekton.failed, tekton.log]).toEqual([false, '', false, ''])
    const { IMAGE_URL, IMAGE_DIGEST, ...results } = Object.fromEntries(tekton.results ?? [])
    expect(Object.fromEntries(github.outputs)).toEqual(results)
    expect([IMAGE_URL, IMAGE_DIGEST]).toEqual(['registry.example.com/echo', github.outputs.get('digest')])
    expect(recordIn(github.workspace)).toBe(recordIn(tekton.source))
  })

  it('need no escape on Tekton for a reference to a variable: nothing that a value could name is set before it', async () => {
    expect((await onTekton({ message: '$(HOME) $(INPUT_PASSWORD)' })).results?.get('message')).toBe('$(HOME) $(INPUT_PASSWORD)')
  })
  it('lose half of "$$" behind a bracket, where Kubernetes cannot be kept from it, and Slipway says so', async () => {
    const { results, log } = await onTekton({ message: 'a) $$' })
    expect(results?.get('message')).toBe('a) $')
    expect(log).toContain('Kubernetes reads "$$"')
  })
  it('that are wrong give the same error, and every output is there', async () => {
    const github = await onGithub({ mode: 'nope', tag: 'x' })
    const tekton = await onTekton({ mode: 'nope' }, { environment: { INPUT_TAG: 'x' } })
    expect([github.exitCode, tekton.exitCode]).toEqual([2, 2])
    expect([...github.outputs.values(), ...(tekton.results?.values() ?? [])].every((value) => value === '')).toBe(true)
    expect([github.outputs.size, tekton.results?.size]).toEqual([4, 6])
    for (const said of [github.annotations[0]?.message, tekton.log]) {
      expect(said).toContain('did you mean `tags`?')
      expect(said).toContain('mode  "nope" is not one of')
    }
  })
  it('give outputs also from a run that says no', async () => {
    const [github, tekton] = [await onGithub({ mode: 'fail', message: 'm' }), await onTekton({ mode: 'fail', message: 'm' })]
    expect([github.exitCode, tekton.exitCode, github.outputs.get('message'), tekton.results?.get('message')]).toEqual([3, 3, 'm', 'm'])
  })
})

describe('a secret', () => {
  const password = 'pass/w0rd+"x"\nsecond line'

  it('shows on GitHub in no form, is masked for later steps, and gives no orders', async () => {
    const result = await onGithub({ mode: 'leak', password })
    const printed = result.raw.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    for (const form of password.split('\n').flatMap(formsOf)) expect(printed.join('\n') + result.raw.stderr).not.toContain(form)
    expect(result.masks.slice(0, 2)).toEqual(['pass/w0rd+"x"', 'second line'])
    expect([result.commands.every(({ name }) => name === 'add-mask'), result.exitCode]).toEqual([true, 0])
  })
  it('shows on Tekton in no form, though nobody else hides it', async () => {
    const { log, argv, exitCode } = await onTekton({ mode: 'leak' }, { secrets: { 'slipway-echo': { password } } }).then(
      ({ steps, ...run }) => ({ ...run, argv: steps[0]?.argv }),
    )
    for (const form of password.split('\n').flatMap(formsOf)) expect(log + String(argv)).not.toContain(form)
    expect([exitCode, log.includes('***')]).toEqual([0, true])
  })
  it('that an item of a list draws in on Tekton stops the run', async () => {
    const { log, exitCode } = await onTekton(
      { tags: ['$(INPUT_PASSWORD)'] },
      { secrets: { 'slipway-echo': { password: 'correct horse' } } },
    )
    expect([exitCode, log.includes('correct'), log.includes('SW-INPUT-SECRET')]).toEqual([2, false, true])
  })
})

describe('on GitHub', () => {
  it('annotations keep to ten, on the right file and line', async () => {
    const { annotations, dropped, log } = await onGithub({ mode: 'annotate', message: 'expected 1' })
    expect([annotations.length, dropped.length, log.includes('… 3 more of level error')]).toEqual([10, 0, true])
    expect(Object.fromEntries(annotations[0]?.properties ?? [])).toEqual({ file: 'src/a,b.ts', line: '1', col: '7', title: 'a: b, c' })
  })
  it('a summary of 20 000 rows is shown, within the limit, also where there was one before', async () => {
    const { summary, workspace } = await onGithub({ mode: 'summary', message: 'a failure '.repeat(10) }, { summary: 'x'.repeat(300_000) })
    expect(Buffer.byteLength(summary ?? '')).toBeLessThanOrEqual(900 * 1024)
    expect([summary?.includes('more rows'), readdirSync(join(workspace, '.slipway')).sort()]).toEqual([
      true,
      ['record.json', 'summary-echo.md'],
    ])
  })
  it('an identity token comes from the runner, and is hidden', async () => {
    const service = await startTokenService()
    const result = await onGithub({ mode: 'identity' }, { environment: service.environment })
    await service.close()
    expect([service.audiences, result.exitCode, result.log]).toEqual([['sigstore'], 0, 'token  token=***'])
    expect((await onGithub({ mode: 'identity' })).annotations[0]?.message).toContain('ACTIONS_ID_TOKEN_REQUEST_URL is not set')
  })
  it('the clean-up gets what the run remembered, also of one that was killed', async () => {
    const run = await onGithub({ mode: 'forever' }, { cancel: { at: 'waiting', interrupt: 0, terminate: 0 } })
    const after = await onGithub({}, { state: run.state })
    expect([run.signals.at(-1), after.log]).toEqual(['SIGKILL', `cleaning up  folder=${run.state.get('folder')}`])
  })
  test.each([
    ['stops at once when the work does', 'wait', 'SIGINT received'],
    ['stops in time when the work does not', 'forever', 'the work did not stop in time'],
  ])('a cancelled run %s, and leaves nothing behind', async (_, mode, said) => {
    const { exitCode, signals, log, orphans, temporary } = await onGithub({ mode }, { cancel: { at: 'waiting', interrupt: patience } })
    expect([exitCode, signals, orphans, log.includes(said)]).toEqual([130, ['SIGINT'], [], true])
    expect(readdirSync(temporary).filter((name) => name.startsWith('echo'))).toEqual([])
  })
})

describe('on Tekton', () => {
  it('results that are too large are an error of ours that names the largest, and are all empty', async () => {
    const params = Array.from({ length: 5 }, () => 'x'.repeat(190))
    const { exitCode, results, log, terminationMessage } = await onTekton({ mode: 'big', tags: params })
    expect([exitCode, [...(results?.values() ?? [])].every((value) => value === '')]).toEqual([2, true])
    expect(log).toContain('error: SW-OUTPUT-TOO-LARGE: ')
    expect(log).toContain('The largest, in bytes: message 700')
    expect(Buffer.byteLength(terminationMessage)).toBeLessThan(4096)
  })
  test.each(['wait', 'forever'])('a cancelled run (%s) stops in time with all results', async (mode) => {
    const { exitCode, results, home } = await onTekton({ mode }, { cancel: { at: 'waiting', grace: patience } })
    expect([exitCode, results?.size, readdirSync(join(home, 'tmp'))]).toEqual([143, 6, []])
  })
  it('a workspace that this user may not write is a warning with the setting that helps', async () => {
    const { log, exitCode, sandbox } = await onTekton({}, { fsGroup: false })
    expect(exitCode).toBe(0)
    expect(log.includes('on Tekton set taskRunTemplate.podTemplate.securityContext.fsGroup: 65532')).toBe(sandbox.readOnlyRoot)
  })
})
