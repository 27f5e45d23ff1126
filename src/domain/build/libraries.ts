import { dirname, posix } from 'node:path'
import { factsOrNothing, openRead } from '../../io/files.ts'
import { type ElfFile, type ReadAt, readElf } from './elf.ts'
import { librariesMissing } from './errors.ts'

/** What a program needs beside itself to start. */
export interface Libraries {
  /** The loader, at the place that the program names. */
  readonly loader: string | undefined
  /** The folder that the loader searches without being told: the C library's own. */
  readonly folder: string
  /** Names as programs ask for them, and where they were found, sorted by name. */
  readonly files: readonly { readonly name: string; readonly from: string }[]
}

/** Loaded by name at run time, so that no header names them: name resolution of C libraries before glibc 2.34. */
const loadedLater = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']

const triplets: Readonly<Record<string, string>> = {
  amd64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  '386': 'i386-linux-gnu',
  ppc64le: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
  loong64: 'loongarch64-linux-gnu',
}

/** The ELF headers of a file on this machine; undefined when it is no ELF file. */
export async function elfOf(path: string): Promise<ElfFile | undefined> {
  return readElf(readerOf(path), path)
}

/**
 * Every shared library that a program loads, and those that they load, searched as the system's loader does (ld.so(8)):
 * RPATH or RUNPATH, then the standard folders. @throws SW-BUILD-LIBRARIES
 */
export async function librariesOf(program: string): Promise<Libraries> {
  const start = await elfOf(program)
  if (start === undefined) throw librariesMissing(`${program} is no ELF program.`)
  const found = new Map<string, string>()
  // Level by level, as the loader: what the program itself asks for is found by its own search path first.
  const waiting = start.needed.map((name) => ({ name, by: { path: program, elf: start } }))
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(next.name) || isLoader(next.name)) continue
    const { path, elf } = await findLibrary(next.name, next.by, start)
    found.set(next.name, path)
    waiting.push(...elf.needed.map((name) => ({ name, by: { path, elf } })))
  }
  return complete(start, found)
}

interface Loaded {
  readonly path: string
  readonly elf: ElfFile
}

/** The loader is a library too, but lies where the program says. */
function isLoader(name: string): boolean {
  return /^ld(?:64)?[-.]/.test(name)
}

async function findLibrary(name: string, by: Loaded, start: ElfFile): Promise<Loaded> {
  const folders = searched(by, start)
  for (const candidate of name.includes('/') ? [name] : folders.map((folder) => posix.join(folder, name))) {
    if ((await factsOrNothing(candidate))?.kind !== 'file') continue
    const elf = await elfOf(candidate)
    // A 32-bit library of the same name may come first.
    if (elf?.bits === start.bits && elf.architecture === start.architecture) return { path: candidate, elf }
  }
  throw librariesMissing(`${by.path} needs ${name}, which is in none of ${folders.join(', ')}.`)
}

function searched({ path, elf }: Loaded, start: ElfFile): readonly string[] {
  const own = elf.runpath.length > 0 ? elf.runpath : [...elf.rpath, ...(start.runpath.length > 0 ? [] : start.rpath)]
  return [...own.map((folder) => folder.replace(/\$ORIGIN|\$\{ORIGIN\}/g, dirname(path))), ...standardFolders(start)]
}

function standardFolders({ architecture = '', bits }: ElfFile): readonly string[] {
  const triplet = triplets[architecture]
  const multiarch = triplet === undefined ? [] : [`/lib/${triplet}`, `/usr/lib/${triplet}`, `/usr/local/lib/${triplet}`]
  return [...multiarch, ...(bits === 64 ? ['/lib64', '/usr/lib64'] : []), '/lib', '/usr/lib', '/usr/local/lib']
}

async function complete(start: ElfFile, found: Map<string, string>): Promise<Libraries> {
  const libc = [...found].find(([name]) => /^libc[.-]/.test(name))?.[1]
  const folder = libc === undefined ? '/lib' : dirname(libc)
  for (const name of libc === undefined ? [] : loadedLater) {
    const path = posix.join(folder, name)
    if (!found.has(name) && (await factsOrNothing(path))?.kind === 'file') found.set(name, path)
  }
  const files = [...found].map(([name, from]) => ({ name: posix.basename(name), from })).sort((a, b) => (a.name < b.name ? -1 : 1))
  return { loader: start.interpreter, folder, files }
}

function readerOf(path: string): ReadAt {
  return async (offset, length) => {
    if (length === 0) return Buffer.alloc(0)
    const pieces: Buffer[] = []
    for await (const piece of openRead(path, { start: offset, end: offset + length - 1 })) pieces.push(piece)
    return Buffer.concat(pieces)
  }
}
