/** A section of a program, by its name: where its bytes lie in the file. */
interface Section {
  readonly name: string
  readonly offset: number
  readonly size: number
}

const most = 65_536

/** The bytes of the first section of a name, of a program in ELF, PE or Mach-O of either width and byte order; undefined without one. Throws on a program that is cut. */
export function sectionOf(program: Buffer, name: string): Buffer | undefined {
  let seen = 0
  for (const section of sectionsOf(program)) {
    seen += 1
    if (seen > most) throw new Error(`the program has more than ${most} sections`)
    if (section.name !== name) continue
    if (section.offset + section.size > program.length) throw new Error(`the section ${name} of the program is cut`)
    return program.subarray(section.offset, section.offset + section.size)
  }
  return undefined
}

function* sectionsOf(program: Buffer): Generator<Section> {
  const magic = program.length < 4 ? 0 : program.readUInt32BE(0)
  if (magic === 0x7f454c46) yield* elf(program)
  else if (magic === 0xcafebabe) yield* fat(program)
  else if ([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe].includes(magic)) yield* machO(program)
  else if (magic >>> 16 === 0x4d5a) yield* pe(program)
}

/** Numbers of a format by the place where they lie. */
interface Numbers {
  u16(at: number): number
  u32(at: number): number
  u64(at: number): number
}

function numbersOf(bytes: Buffer, isLittle: boolean): Numbers {
  return isLittle
    ? { u16: (at) => bytes.readUInt16LE(at), u32: (at) => bytes.readUInt32LE(at), u64: (at) => Number(bytes.readBigUInt64LE(at)) }
    : { u16: (at) => bytes.readUInt16BE(at), u32: (at) => bytes.readUInt32BE(at), u64: (at) => Number(bytes.readBigUInt64BE(at)) }
}

/** ELF (gABI 4.1): class and byte order stand in bytes 4 and 5; names lie in the section that the header points to. */
function* elf(program: Buffer): Generator<Section> {
  const is64 = program[4] === 2
  const { u16, u32, u64 } = numbersOf(program, program[5] === 1)
  const [table, size, count, names] = is64 ? [u64(0x28), u16(0x3a), u16(0x3c), u16(0x3e)] : [u32(0x20), u16(0x2e), u16(0x30), u16(0x32)]
  const placeOf = (index: number): { readonly offset: number; readonly size: number } => {
    const at = table + index * size
    return is64 ? { offset: u64(at + 0x18), size: u64(at + 0x20) } : { offset: u32(at + 0x10), size: u32(at + 0x14) }
  }
  if (table === 0 || count === 0) return
  const texts = placeOf(names)
  for (let index = 0; index < count; index += 1)
    yield { name: textAt(program, texts.offset + u32(table + index * size)), ...placeOf(index) }
}

/** PE: the offset of its header stands at 0x3c; sections follow the optional header, of 40 bytes each. */
function* pe(program: Buffer): Generator<Section> {
  const { u16, u32 } = numbersOf(program, true)
  if (program.length < 0x40) return
  const header = u32(0x3c)
  if (header + 24 > program.length || u32(header) !== 0x4550) return
  const start = header + 24 + u16(header + 20)
  for (let index = 0; index < u16(header + 6); index += 1) {
    const at = start + index * 40
    // What was read from disk is padded; what is used of it may be less.
    yield { name: textAt(program, at, 8), offset: u32(at + 20), size: Math.min(u32(at + 8), u32(at + 16)) }
  }
}

/** Mach-O: commands after the header; LC_SEGMENT (1) and LC_SEGMENT_64 (0x19) list sections. */
function* machO(program: Buffer, from = 0): Generator<Section> {
  const bytes = program.subarray(from)
  const { u32, u64 } = numbersOf(bytes, bytes[0] !== 0xfe)
  const is64 = (u32(0) & 1) === 1
  let at = is64 ? 32 : 28
  for (let left = Math.min(u32(16), most); left > 0; left -= 1) {
    const [command, size] = [u32(at), u32(at + 4)]
    if (command === (is64 ? 0x19 : 1)) {
      const [head, step] = is64 ? [72, 80] : [56, 68]
      const count = Math.min(u32(at + (is64 ? 64 : 48)), most)
      for (let index = 0; index < count; index += 1) {
        const section = at + head + index * step
        const [length, offset] = is64 ? [u64(section + 40), u32(section + 48)] : [u32(section + 36), u32(section + 40)]
        yield { name: textAt(bytes, section, 16), offset: from + offset, size: length }
      }
    }
    if (size < 8) return
    at += size
  }
}

/** Several programs in one file, of 20 bytes each in its table; the number that Java's classes have there is their version. */
function* fat(program: Buffer): Generator<Section> {
  const count = program.readUInt32BE(4)
  if (count > 30) return
  for (let index = 0; index < count; index += 1) yield* machO(program, program.readUInt32BE(8 + index * 20 + 8))
}

function textAt(bytes: Buffer, at: number, longest = 64): string {
  const field = bytes.subarray(at, at + longest)
  const end = field.indexOf(0)
  return field.toString('latin1', 0, end < 0 ? field.length : end)
}
