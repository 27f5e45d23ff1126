import { posix } from 'node:path'
import { readContext } from './context.ts'
import { baseNeeded, dependenciesUnusable, noEntrypoint } from './errors.ts'
import { applicationLayer, applyRules, destinationOf, layerIfAny, type Plan, type PlanOptions } from './layer-plan.ts'
import { packageLayers } from './package-layers.ts'
import { collectPackages } from './python-packages.ts'
import { readVenv, type Venv } from './python-venv.ts'

/** Made by tools beside the source, and never needed to run. */
const caches = new Set(['__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox'])

/**
 * A Python project and the packages of its environment, for a base that has the interpreter: that of an environment is a link
 * to this machine's, so the packages are named by PYTHONPATH. Nothing is installed. @throws SW-BUILD-BASE-NEEDED, SW-BUILD-DEPENDENCIES
 */
export async function planPython(root: string, options: PlanOptions): Promise<Plan> {
  const venv = await readVenv(root)
  const without = (path: string): boolean => path === venv?.folder || caches.has(posix.basename(path))
  const context = await readContext(root, { ...options, without })
  const { layers, rest } = applyRules(options.rules, context)
  if (venv === undefined) requireNoPackages(new Set(context.files.map(({ path }) => path)))
  requireBase(options, venv)
  const packages = venv === undefined ? undefined : await collectPackages(root, venv, options.platform)
  const workdir = destinationOf(options)
  const { nameOf = (path: string) => path } = packages ?? {}
  const paths = [...(packages?.alsoImported ?? []), ...(venv === undefined ? [] : [venv.sitePackages])]
  return {
    name: 'python',
    layers: [
      ...layers,
      ...packageLayers(packages?.files ?? [], { nameOf, rules: options.rules.length, to: workdir }),
      ...layerIfAny(applicationLayer, rest, workdir),
    ],
    ...(options.needsStart ? { start: { runtime: 'python' as const, args: startOf(new Set(rest.map(({ path }) => path))) } } : {}),
    env: {
      ...(paths.length === 0 ? {} : { PYTHONPATH: paths.map((path) => posix.join(workdir, path)).join(':') }),
      PYTHONUNBUFFERED: '1',
      // The folders belong to root, and the program is not.
      PYTHONDONTWRITEBYTECODE: '1',
    },
    workdir,
    ...(venv === undefined ? {} : { needs: { variable: 'PYTHON_VERSION', version: venv.version } }),
    credentials: context.credentials,
  }
}

function requireNoPackages(files: ReadonlySet<string>): void {
  const named = ['requirements.txt', 'uv.lock', 'poetry.lock', 'Pipfile.lock'].find((name) => files.has(name))
  if (named === undefined) return
  throw dependenciesUnusable(`The project has ${named}, and no environment with its packages (.venv, venv or env).`, {
    hint:
      named === 'requirements.txt'
        ? 'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt'
        : 'uv sync --no-dev, or: poetry install --only main with virtualenvs.in-project',
  })
}

function requireBase({ onScratch, needsStart, rules }: PlanOptions, venv: Venv | undefined): void {
  if (!onScratch || (!needsStart && rules.length > 0)) return
  throw baseNeeded('A Python project needs a base that has Python, and scratch has none.', {
    hint: `Set base: docker.io/library/python:${venv?.version ?? '3.13'}-slim, or another image with that Python.`,
  })
}

/** A program at the top, or the only package there that can be run. */
function startOf(files: ReadonlySet<string>): readonly string[] {
  if (files.has('__main__.py')) return ['.']
  const program = ['main.py', 'app.py'].find((name) => files.has(name))
  if (program !== undefined) return [program]
  const packages = [...files].flatMap((path) => /^(\w+)\/__main__\.py$/.exec(path)?.[1] ?? [])
  const [name] = packages
  if (name !== undefined && packages.length === 1) return ['-m', name]
  throw noEntrypoint(
    `There is ${packages.length === 0 ? 'no __main__.py, main.py or app.py' : `more than one package to run: ${packages.join(', ')}`}.`,
    {
      hint: 'Set what to start: entrypoint: ["python3", "-m", "gunicorn", "shop.wsgi"]',
    },
  )
}
