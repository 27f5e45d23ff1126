import { dirname, posix } from 'node:path'
import { facts, factsOrNothing } from '../../io/files.ts'
import { formatPlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import type { LayerEntry } from './entries.ts'
import { programUnfit } from './errors.ts'
import { elfOf, librariesOf } from './libraries.ts'
import { machineFile } from './machine-file.ts'

/**
 * Programs of the machine as they lie there, and the libraries that they load in the folder of the C library. A program that
 * is a symbolic link is one in the image too. Paths are absolute. @throws SW-BUILD-PROGRAM, SW-BUILD-LIBRARIES
 */
export async function programEntries(programs: readonly string[], platform: Platform): Promise<readonly LayerEntry[]> {
  const entries: LayerEntry[] = []
  const libraries = new Map<string, string>()
  for (const program of programs) {
    const { links, file } = await resolved(program)
    entries.push(...links, await machineFile(file, file))
    for (const [to, from] of await loadedBy(file, platform)) {
      const other = libraries.get(to)
      if (other !== undefined && other !== from)
        throw programUnfit(`${program} loads ${from}, and another program loads ${other} by the same name; only one can be at ${to}.`)
      libraries.set(to, from)
    }
  }
  return [...entries, ...(await Promise.all([...libraries].map(([to, from]) => machineFile(from, to))))]
}

/** The links on the way to a program, and the program itself. */
async function resolved(program: string): Promise<{ readonly links: readonly LayerEntry[]; readonly file: string }> {
  const links: LayerEntry[] = []
  let file = posix.normalize(program)
  for (let hops = 0; hops < 8; hops += 1) {
    if ((await factsOrNothing(file))?.kind !== 'file') break
    const { target } = await facts(file)
    if (target === undefined) return { links, file }
    links.push({ kind: 'symlink', path: file.slice(1), target })
    file = posix.resolve(dirname(file), target)
  }
  throw programUnfit(`${program} is no file on this machine, nor a link to one.`, {
    hint: `Install it on the machine that builds, or correct \`programs\`: ls -l '${program}'`,
  })
}

/** What a program loads, by its place in the image. */
async function loadedBy(program: string, platform: Platform): Promise<readonly (readonly [to: string, from: string])[]> {
  const elf = await elfOf(program)
  if (elf === undefined) throw programUnfit(`${program} is a script or another file that is no ELF program; it would need an interpreter.`)
  if (elf.architecture !== platform.architecture)
    throw programUnfit(
      `${program} is a program for ${elf.architecture ?? 'another processor'}, and the image is for ${formatPlatform(platform)}.`,
    )
  if (elf.interpreter === undefined) return []
  const { loader, folder, files } = await librariesOf(program)
  const libraries = files.map(({ name, from }) => [`${folder}/${name}`, from] as const)
  return loader === undefined ? libraries : [...libraries, [loader, loader]]
}
