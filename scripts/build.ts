// Compiles assembly/ into a source file, src/ into build/, and bundles that into dist/.
//   npm run build               writes dist/
//   npm run build -- --check    fails when the committed dist/ is not what the sources give
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { minify } from '@swc/core'
import { builtinModules } from './builtin-modules.ts'
import { chunkScript } from './chunk-script.ts'
import { eager } from './eager.ts'
import { programFile, programSource } from './program.ts'

const root = dirname(import.meta.dirname)
const dist = join(root, 'dist')
const limit = 4_000_000

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean; readonly devOptional?: boolean }>>
}

const isCheck = process.argv.includes('--check')
const program = programSource()
if (!isCheck) writeFileSync(programFile, program)
else if (program !== readFileSync(programFile, 'utf8')) fail('src/io/deflate/program.ts is stale: run `npm run build` and commit it')
const fresh = await build()
if (isCheck) {
  const stale = differences(fresh, dist)
  rmSync(fresh, { recursive: true })
  for (const line of stale) print(line)
  if (stale.length > 0) fail('dist/ is stale: run `npm run build` and commit it')
  print('dist/ is what the sources give')
} else {
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
  report()
}

/** Makes a whole dist in a new folder and returns that: one shared bundle, and an entry of two lines for each action. */
async function build(): Promise<string> {
  const target = join(root, '.cache', 'dist')
  const shared = join(target, 'shared')
  for (const folder of [target, join(root, 'build')]) rmSync(folder, { recursive: true, force: true })
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
  node('node_modules/@vercel/ncc/dist/ncc/cli.js', 'build', 'build/cli/start.js', '-o', shared, '--no-cache', '-q')
  rmSync(join(shared, 'package.json'))
  await Promise.all(files(shared).map((file) => shrink(join(shared, file))))
  write(join(target, 'package.json'), '{ "type": "module" }\n')
  write(join(shared, 'LICENSES.txt'), licenses())
  write(join(target, 'slipway', 'index.js'), `import { runCommand } from '../shared/index.js'\nawait runCommand()\n`)
  for (const task of tasks())
    write(join(target, task, 'index.js'), `import { runTask } from '../shared/index.js'\nawait runTask('${task}')\n`)
  return target
}

/** Drops dead code, spaces and comments; names stay, for stack traces that can be read. */
async function shrink(file: string): Promise<void> {
  if (!file.endsWith('.js')) return
  const { code } = await minify(readFileSync(file, 'utf8'), { module: true, compress: true, mangle: false, format: { comments: false } })
  const quick = await eager(await builtinModules(`${code}\n`))
  writeFileSync(file, basename(file) === 'index.js' ? quick : await chunkScript(quick))
}

function tasks(): string[] {
  const folder = join(root, 'src', 'tasks')
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'task.ts')))
    .sort()
}

/** The licenses of the packages that are needed at run time. ncc's own list misses those that it merges into other modules. */
function licenses(): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const paths = Object.entries(lock.packages).flatMap(([path, { dev, optional, devOptional }]) =>
    path === '' || dev || optional || devOptional ? [] : [path],
  )
  return paths
    .map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Record<string, string>
      const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry))
      const text =
        file === undefined
          ? ''
          : readFileSync(join(root, path, file), 'utf8')
              .replaceAll('\r\n', '\n')
              .trim()
      return `${name} ${version}: ${license}\n\n${text}`.trim()
    })
    .join('\n\n---\n\n')
    .concat('\n')
}

/** What has to change in `old` to become `made`, a line for each file. */
function differences(made: string, old: string): string[] {
  const [is, was] = [files(made), existsSync(old) ? files(old) : []]
  return [
    ...is.filter((file) => !was.includes(file)).map((file) => `missing   dist/${file}`),
    ...was.filter((file) => !is.includes(file)).map((file) => `left over dist/${file}`),
    ...is
      .filter((file) => was.includes(file) && !readFileSync(join(made, file)).equals(readFileSync(join(old, file))))
      .map((file) => `differs   dist/${file}`),
  ]
}

/** The files under a folder, relative to it, sorted. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
}

function report(): void {
  const sizes = files(dist).map((file) => ({ file, size: statSync(join(dist, file)).size }))
  const total = sizes.reduce((sum, { size }) => sum + size, 0)
  for (const { file, size } of sizes.sort((a, b) => b.size - a.size).slice(0, 10)) print(`${kilobytes(size)}  dist/${file}`)
  print(`${kilobytes(total)}  dist/ in all, ${sizes.length} files`)
  if (total > limit) fail(`dist/ has ${total} bytes, expected at most ${limit}`)
}

function kilobytes(size: number): string {
  return `${(size / 1000).toFixed(1).padStart(8)} kB`
}

/** Runs one of the installed tools. */
function node(...argv: string[]): void {
  const { status, error } = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) fail(`${argv[0]} ended with ${status}`)
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(why: string): never {
  process.stderr.write(`build: ${why}\n`)
  process.exit(1)
}
