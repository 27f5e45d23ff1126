import { describe, expect, it, test } from '@jest/globals'
import { filesOf, planOf, program } from './fixtures/planning.ts'
import { type Tree, tree } from './fixtures/tree.ts'

const site = '.venv/lib/python3.11/site-packages'
const bytecode = (flags: number): Uint8Array => Buffer.from([0xa7, 0x0d, 0x0d, 0x0a, flags, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])

/** As `python -m venv` and pip 23 leave it. */
const project: Tree = {
  'pyproject.toml': '',
  'main.py': '',
  'shop/__init__.py': '',
  'shop/__pycache__/__init__.cpython-311.pyc': bytecode(0),
  '.venv/pyvenv.cfg': 'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n',
  '.venv/bin/python3': { link: '/usr/bin/python3' },
  '.venv/lib64': { link: 'lib' },
  [`${site}/yaml/__init__.py`]: 'y'.repeat(2 ** 20),
  [`${site}/yaml/__pycache__/__init__.cpython-311.pyc`]: bytecode(0),
  [`${site}/PyYAML-6.0.dist-info/RECORD`]:
    'PyYAML-6.0.dist-info/RECORD,,\nyaml/__init__.py,sha256=x,1\n"yaml/a,b.py",,\n../../../bin/x,,\n',
  [`${site}/yaml/a,b.py`]: '',
  [`${site}/small.py`]: '',
  [`${site}/small-1.dist-info/RECORD`]: 'small.py,,\n',
  [`${site}/pip/__init__.py`]: 'p',
  [`${site}/pip-23.0.1.dist-info/RECORD`]: 'pip/__init__.py,,\npip-23.0.1.dist-info/RECORD,,\n',
}

describe('a Python project', () => {
  it('is its packages, the large ones by distribution, and the application, without pip and stale bytecode', async () => {
    await using context = await tree(project)
    const plan = await planOf('python', context.folder)
    expect(filesOf(plan)).toEqual({
      'dependency PyYAML': [`app/${site}/PyYAML-6.0.dist-info/RECORD`, `app/${site}/yaml/__init__.py`, `app/${site}/yaml/a,b.py`],
      dependencies: [`app/${site}/small-1.dist-info/RECORD`, `app/${site}/small.py`],
      application: ['app/main.py', 'app/pyproject.toml', 'app/shop/__init__.py'],
    })
    expect(plan).toMatchObject({
      start: { runtime: 'python', args: ['main.py'] },
      env: { PYTHONPATH: `/app/${site}` },
      workdir: '/app',
      needs: { variable: 'PYTHON_VERSION', version: '3.11' },
    })
  })

  it('keeps bytecode that is judged by its source, and imports from folders that are installed as editable', async () => {
    await using context = await tree({ ...project, [`${site}/small.pyc`]: bytecode(3), 'src/shop2/__init__.py': '' })
    await using more = await tree({})
    const pth = `${context.folder}/src\nimport something\n`
    const { writeFile } = await import('node:fs/promises')
    await writeFile(`${context.folder}/${site}/__editable__.shop2-1.pth`, pth)
    const plan = await planOf('python', context.folder)
    expect(filesOf(plan)['dependencies']).toContain(`app/${site}/small.pyc`)
    expect(plan.env['PYTHONPATH']).toBe(`/app/src:/app/${site}`)
    await writeFile(`${context.folder}/${site}/other.pth`, `${more.folder}\n`)
    await expect(planOf('python', context.folder)).rejects.toMatchObject({
      code: 'SW-BUILD-DEPENDENCIES',
      message: expect.stringContaining('as editable'),
    })
  })

  test.each<[string, Tree, readonly string[]]>([
    ['__main__.py', { '__main__.py': '', 'main.py': '' }, ['.']],
    ['app.py', { 'app.py': '' }, ['app.py']],
    ['the one package that can be run', { 'shop/__main__.py': '', 'lib/__init__.py': '' }, ['-m', 'shop']],
  ])('starts %s', async (_name, files, args) => {
    await using context = await tree(files)
    expect((await planOf('python', context.folder)).start).toEqual({ runtime: 'python', args })
  })

  const [amd64, arm64] = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ]
  test.each<[string, Tree, Parameters<typeof planOf>[2], string, string]>([
    ['on scratch', project, { onScratch: true }, 'SW-BUILD-BASE-NEEDED', 'python:3.11-slim'],
    ['with nothing to start', { 'setup.py': '' }, {}, 'SW-BUILD-NO-ENTRYPOINT', 'gunicorn'],
    ['with requirements and no environment', { 'requirements.txt': '', 'main.py': '' }, {}, 'SW-BUILD-DEPENDENCIES', 'pip install -r'],
    [
      'that takes packages of the machine',
      { ...project, '.venv/pyvenv.cfg': 'include-system-site-packages = true' },
      {},
      'SW-BUILD-DEPENDENCIES',
      'without --system-site-packages',
    ],
    ['with an environment for two Pythons', { ...project, '.venv/lib/python3.12/x': '' }, {}, 'SW-BUILD-DEPENDENCIES', 'venv --clear'],
    [
      'with a module for another processor',
      { ...project, [`${site}/x.so`]: program(183) },
      { platform: amd64 },
      'SW-BUILD-PLATFORM',
      'that platform',
    ],
    [
      'for another processor than its modules',
      { ...project, [`${site}/x.so`]: program(62) },
      { platform: arm64 },
      'SW-BUILD-PLATFORM',
      'that platform',
    ],
    [
      'with a finder for an editable package',
      { ...project, [`${site}/__editable___x_1_finder.py`]: '' },
      {},
      'SW-BUILD-DEPENDENCIES',
      'pip install',
    ],
  ])('%s is refused', async (_name, files, options, code, hint) => {
    await using context = await tree(files)
    await expect(planOf('python', context.folder, options)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
  })
})
