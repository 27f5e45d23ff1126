import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readConfig, startContainer } from '../real/container.ts'
import { repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('python')).path
const project = join(folder, 'project')
const base = join(folder, 'base')

const slipway = (cwd: string, ...argv: string[]): Promise<string> =>
  output([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), ...argv], {
    cwd,
    env: { ...process.env, SLIPWAY_HOST: 'local' },
  })

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** A base with Debian's Python and its library, and a project with an environment that has one package. */
beforeAll(async () => {
  mkdirSync(base, { recursive: true })
  const library = (await output(['/usr/bin/python3', '-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'])).trim()
  const rule = `.:${library}:!**/__pycache__|!sitecustomize.py|!config-*|!test`
  const interpreter = ['--programs', '/usr/bin/python3', '--entrypoint', '["/usr/bin/python3"]']
  await slipway(base, 'build', '--context', library, '--base', 'node-runtime', ...interpreter, '--layers', rule)
  write(join(project, 'main.py'), 'import greeting, os\nprint(f"{greeting.text} {os.getuid()}")\n')
  await output(['/usr/bin/python3', '-m', 'venv', '--without-pip', join(project, '.venv')])
  const [, version = ''] = /python(3\.\d+)/.exec(library) ?? []
  const packages = join(project, '.venv/lib', `python${version}`, 'site-packages')
  write(join(packages, 'greeting.py'), 'text = "hello from the environment"\n')
  write(join(packages, 'greeting-1.0.dist-info', 'RECORD'), 'greeting.py,,\ngreeting-1.0.dist-info/RECORD,,\n')
}, 360_000)

afterAll(() => stack.disposeAsync())

describe('a Python project on an image that has Python', () => {
  it('is explained before it is built, and nothing is written', async () => {
    const text = await slipway(project, 'build', '--base', `oci:${base}/.slipway/layout`, '--explain')
    expect(text).toMatch(/one line changed sends .* · plan python: \.venv/)
    expect(text).toMatch(/^dependencies .*\napplication /m)
    expect(await output(['ls', join(project, '.slipway')])).not.toMatch(/layout|record/)
  })

  it('runs with the packages of its environment, as a user without rights on a read-only root', async () => {
    await slipway(project, 'build', '--base', `oci:${base}/.slipway/layout`)
    const bundle = join(folder, 'bundle')
    await output(['umoci', 'unpack', '--image', `${project}/.slipway/layout:latest`, bundle])
    expect(readConfig(bundle).process.args).toEqual(['/usr/bin/python3', 'main.py'])
    expect((await startContainer(bundle, {})).firstLine).toBe('hello from the environment 65532')
  }, 300_000)
})
