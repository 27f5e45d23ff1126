import { spawn } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'

const mebibyte = 2 ** 20

/** Bytes of memory that a process has had at most, or 0 when it is gone. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

it.each(['gzip', 'zstd'])(
  'a layer of 10 GiB is packed by %s in less than 300 MiB of memory',
  async (compression) => {
    using folder = temporaryFolder(`large-${compression}`)
    mkdirSync(join(folder.path, 'files'))
    const file = openSync(join(folder.path, 'files', 'zeros'), 'w')
    ftruncateSync(file, 10 * 2 ** 30)
    closeSync(file)
    const argv = [
      'build',
      '--base',
      'scratch',
      '--layers',
      'files:/files',
      '--cmd',
      '/none',
      '--cache',
      'none',
      '--compression',
      compression,
    ]
    const child = spawn(process.execPath, [join(repository, 'dist', 'slipway', 'index.js'), ...argv, '--quiet'], {
      cwd: folder.path,
      env: { ...process.env, SLIPWAY_HOST: 'local' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
    }, 300_000)
    const status = await new Promise((resolve) => child.on('close', resolve))
    clearInterval(watch)
    expect(status).toBe(0)
    expect(peak).toBeGreaterThan(0)
    expect(peak / mebibyte).toBeLessThan(300)
    process.stderr.write(`10 GiB of zeros by ${compression}: at most ${Math.round(peak / mebibyte)} MiB of memory\n`)
  },
  600_000,
)
