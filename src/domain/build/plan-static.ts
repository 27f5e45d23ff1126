import { posix } from 'node:path'
import { factsOrNothing } from '../../io/files.ts'
import { formatPlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { completeEntries } from './entries.ts'
import { notStatic, platformUnfit } from './errors.ts'
import type { Plan, PlanOptions } from './layer-plan.ts'
import { elfOf } from './libraries.ts'

const programFolder = 'usr/local/bin'

/** One program, in one layer, as what the image runs. @throws SW-BUILD-NOT-STATIC, SW-BUILD-PLATFORM */
export async function planStatic({ context, platform, onScratch }: PlanOptions): Promise<Plan> {
  await requireRunnable(context, platform, onScratch)
  const path = `${programFolder}/${posix.basename(context)}`
  const size = (await factsOrNothing(context))?.size ?? 0
  return {
    name: 'static',
    layers: [{ name: 'program', entries: completeEntries([{ kind: 'file', path, mode: 0o755, content: { from: context, size } }]) }],
    start: { program: [`/${path}`] },
    env: {},
    credentials: [],
  }
}

async function requireRunnable(path: string, platform: Platform, onScratch: boolean): Promise<void> {
  const elf = await elfOf(path)
  const hint =
    'Link it statically (Go: CGO_ENABLED=0; Rust: --target x86_64-unknown-linux-musl), or set `base` to an image that has what it loads.'
  if (elf === undefined) {
    if (onScratch) throw notStatic(`${path} is no ELF program: it needs an interpreter, and scratch has none.`, { hint })
    return
  }
  if (elf.architecture !== undefined && elf.architecture !== platform.architecture) {
    throw platformUnfit(`${path} is a program for ${elf.architecture}, and the image is for ${formatPlatform(platform)}.`, {
      hint: 'Name the file by platform: context: bin/{os}-{arch}/server',
    })
  }
  if (onScratch && elf.interpreter !== undefined) {
    throw notStatic(
      `${path} is loaded by ${elf.interpreter} with ${elf.needed.join(', ') || 'no libraries'}, and scratch has none of them.`,
      { hint },
    )
  }
}
