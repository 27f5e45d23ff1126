import { basename, posix } from 'node:path'
import { exists, factsOrNothing, list, readText } from '../../io/files.ts'
import { formatPlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { readContext } from './context.ts'
import { planUnfit } from './errors.ts'
import { applyRules, layerOfEntries, type Plan, type PlanOptions } from './layer-plan.ts'
import { elfOf } from './libraries.ts'
import { programLayer, requireRunnable } from './plan-static.ts'
import { systemFiles } from './system-files.ts'

/**
 * The program that a Go or Rust project has been compiled to, for the platform of the image. On scratch it comes with what
 * such programs ask a system for: certificates, users and `/tmp`. @throws SW-BUILD-PLAN, SW-BUILD-NOT-STATIC
 */
export async function planCompiled(name: 'go' | 'rust', root: string, options: PlanOptions): Promise<Plan> {
  const program = await findProgram(name, root, options.platform)
  await requireRunnable(program, options)
  const context = options.rules.length === 0 ? undefined : await readContext(root, options)
  const { layers } = context === undefined ? { layers: [] } : applyRules(options.rules, context)
  const system = options.onScratch ? await systemFiles() : []
  const { layer, path } = await programLayer(program)
  return {
    name,
    layers: [
      ...layers,
      ...layerOfEntries({ name: 'system', why: 'certificates, users, /tmp: new certificates on the machine that builds' }, system),
      layer,
    ],
    start: { program: [path] },
    env: {},
    credentials: context?.credentials ?? [],
  }
}

const triplets: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64', '386': 'i686', riscv64: 'riscv64gc' }

/** Folders that hold what was compiled, the more particular first. */
function foldersFor(name: 'go' | 'rust', { os, architecture }: Platform): readonly string[] {
  const own = [`bin/${os}-${architecture}`, `bin/${os}_${architecture}`, `bin/${os}/${architecture}`]
  if (name === 'go') return [...own, 'bin', 'dist', 'build', '.']
  const triplet = triplets[architecture] ?? architecture
  return [...['musl', 'gnu'].map((library) => `target/${triplet}-unknown-linux-${library}/release`), 'target/release', ...own, 'bin']
}

async function findProgram(name: 'go' | 'rust', root: string, platform: Platform): Promise<string> {
  for (const folder of foldersFor(name, platform)) {
    const programs = await programsIn(posix.join(root, folder), platform)
    const [only] = programs
    if (only !== undefined && programs.length === 1) return only
    const named = programs.length > 1 ? await namedBy(name, root, programs) : undefined
    if (named !== undefined) return named
    if (only !== undefined)
      throw planUnfit(`${folder} has several programs: ${programs.map((path) => basename(path)).join(', ')}; expected one.`, {
        hint: `Name the one that runs: context: ${posix.relative(root, only)}`,
      })
  }
  throw planUnfit(`${root} has no program for ${formatPlatform(platform)} in ${foldersFor(name, platform).join(', ')}.`, {
    hint:
      name === 'go'
        ? `CGO_ENABLED=0 GOOS=${platform.os} GOARCH=${platform.architecture} go build -trimpath -o bin/ .`
        : `cargo build --release --target ${triplets[platform.architecture] ?? platform.architecture}-unknown-linux-musl`,
  })
}

/** Executable ELF files of a folder that are for a platform. */
async function programsIn(folder: string, { architecture }: Platform): Promise<readonly string[]> {
  if ((await factsOrNothing(folder))?.kind !== 'directory') return []
  const found: string[] = []
  for (const { name, kind } of await list(folder)) {
    const path = posix.join(folder, name)
    if (kind !== 'file' || /\.(?:so|a|d|rlib)$/.test(name) || (((await factsOrNothing(path))?.mode ?? 0) & 0o111) === 0) continue
    if ((await elfOf(path))?.architecture === architecture) found.push(path)
  }
  return found
}

/** The program that has the project's own name. */
async function namedBy(name: 'go' | 'rust', root: string, programs: readonly string[]): Promise<string | undefined> {
  const file = `${root}/${name === 'go' ? 'go.mod' : 'Cargo.toml'}`
  const text = (await exists(file)) ? await readText(file, 2 ** 20) : ''
  const pattern = name === 'go' ? /^module\s+(\S+)/m : /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/ms
  // As `go build` names it: a major version is no name.
  const own = basename((pattern.exec(text)?.[1] ?? '').replace(/\/v\d+$/, ''))
  return programs.find((path) => basename(path) === own)
}
