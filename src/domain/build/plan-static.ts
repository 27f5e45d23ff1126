import { posix } from 'node:path'
import { formatPlatform } from '../oci/platform.ts'
import { completeEntries } from './entries.ts'
import { notStatic, platformUnfit } from './errors.ts'
import type { LayerPlan, Plan, PlanOptions } from './layer-plan.ts'
import { elfOf } from './libraries.ts'
import { machineFile } from './machine-file.ts'

const programFolder = 'usr/local/bin'

/** One program, in one layer, as what the image runs. @throws SW-BUILD-NOT-STATIC, SW-BUILD-PLATFORM */
export async function planStatic(options: PlanOptions): Promise<Plan> {
  await requireRunnable(options.context, options)
  const { layer, path } = await programLayer(options.context)
  return { name: 'static', layers: [layer], start: { program: [path] }, env: {}, credentials: [] }
}

/** A layer with one program, and where it is in the image. */
export async function programLayer(program: string): Promise<{ readonly layer: LayerPlan; readonly path: string }> {
  const path = `${programFolder}/${posix.basename(program)}`
  const entries = completeEntries([await machineFile(program, path)])
  return { layer: { name: 'program', why: 'the program: every change of its source', isApplication: true, entries }, path: `/${path}` }
}

/** Refuses a program for another processor, and on scratch one that needs more than itself. @throws SW-BUILD-NOT-STATIC, SW-BUILD-PLATFORM */
export async function requireRunnable(path: string, { platform, onScratch }: Pick<PlanOptions, 'platform' | 'onScratch'>): Promise<void> {
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
