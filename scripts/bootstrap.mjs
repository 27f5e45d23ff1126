// Runs on any Node ≥ 18, before anything is installed: installs what package-lock.json says,
// then runs a script of this repository with the Node that it pins.
//   node scripts/bootstrap.mjs [SCRIPT [ARGUMENT...]]
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

if (!isInstalled()) {
  process.stderr.write('installing dependencies (npm ci)\n')
  await run(...npm('ci', '--no-audit', '--no-fund', '--loglevel=error'))
}
const [script, ...rest] = process.argv.slice(2)
if (script !== undefined) await run(pinnedNode, [join(root, script), ...rest])

/** Whether every package of the lock file is there in the version that it names. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(pinnedNode) || !existsSync(installed)) return false
  const found = packagesOf(installed)
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(([path, { version, optional }]) => {
    if (path === '') return true
    // Optional packages are the ones of other platforms.
    return found[path] === undefined ? optional === true : found[path].version === version
  })
}

/** @param {string} lockFile */
function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

/**
 * The npm that runs us, or the one on PATH.
 *
 * @param {...string} argv
 * @returns {[string, string[]]}
 */
function npm(...argv) {
  const self = process.env.npm_execpath
  return self === undefined ? [process.platform === 'win32' ? 'npm.cmd' : 'npm', argv] : [process.execPath, [self, ...argv]]
}

/**
 * Runs a program to its end, in this terminal; a failure of its own ends this process the same way.
 *
 * @param {string} program
 * @param {string[]} argv
 */
function run(program, argv) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(program, argv, { cwd: root, stdio: 'inherit', env })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // A terminal sends SIGINT to the child as well: only outlive it.
  process.on('SIGINT', () => {})
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(undefined)
      else process.exit(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 0))
    })
  })
}
