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

interface Ran {
  readonly status: unknown
  /** In bytes. */
  readonly peak: number
  readonly said: string
}

async function slipway(cwd: string, argv: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(repository, 'dist', 'slipway', 'index.js'), ...argv], {
    cwd,
    env: { ...process.env, SLIPWAY_HOST: 'local' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid))
  }, 50)
  const status = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(watch)
  return { status, peak, said }
}

function expectModest({ peak }: Ran): void {
  expect(peak).toBeGreaterThan(0)
  expect(peak / mebibyte).toBeLessThan(300)
}

it.each(['gzip', 'zstd'])(
  'a layer of 10 GiB of zeros is packed by %s in less than 300 MiB of memory, and in as little refused as the bomb that it is',
  async (compression) => {
    using folder = temporaryFolder(`large-${compression}`)
    mkdirSync(join(folder.path, 'files'))
    const file = openSync(join(folder.path, 'files', 'zeros'), 'w')
    ftruncateSync(file, 10 * 2 ** 30)
    closeSync(file)
    const what = ['--base', 'scratch', '--layers', 'files:/files', '--cmd', '/none', '--cache', 'none', '--compression', compression]
    const packed = await slipway(folder.path, ['build', ...what, '--quiet'])
    expect([packed.said, packed.status]).toEqual([expect.stringMatching(/^sha256:/), 0])
    expectModest(packed)
    const unpacked = await slipway(folder.path, ['sbom'])
    expect([unpacked.said, unpacked.status]).toEqual([expect.stringMatching(/SW-COMPRESSED-LIMIT[\s\S]*at most 250 times/), 2])
    expectModest(unpacked)
    const figures = [packed, unpacked].map(({ peak }) => `${Math.round(peak / mebibyte)} MiB`)
    process.stderr.write(`10 GiB of zeros by ${compression}: at most ${figures.join(', refused with ')} of memory\n`)
  },
  1_200_000,
)
