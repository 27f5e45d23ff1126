type Sections = Readonly<Record<string, Buffer>>

/** A program in ELF with these sections and the one of their names, its table at the end as linkers write it. */
export function elfOf(sections: Sections, { bits, order }: { readonly bits: 32 | 64; readonly order: 'little' | 'big' }): Buffer {
  const is64 = bits === 64
  const write = (bytes: Buffer, at: number, value: number, size: number): void => {
    if (order === 'little') bytes.writeUIntLE(value, at, Math.min(size, 6))
    else bytes.writeUIntBE(value, at + size - Math.min(size, 6), Math.min(size, 6))
  }
  const names = ['', ...Object.keys(sections), '.shstrtab']
  const strings = Buffer.from(names.map((name) => `${name}\0`).join(''))
  const head = Buffer.alloc(64)
  const [entry, word] = is64 ? [64, 8] : [40, 4]
  const contents = [...Object.values(sections), strings]
  const table = Buffer.alloc(names.length * entry)
  let at = head.length
  contents.forEach((content, index) => {
    const type = index === contents.length - 1 ? 3 : 1
    const from = (index + 1) * entry
    write(table, from, strings.indexOf(`${names[index + 1]}\0`), 4)
    write(table, from + 4, type, 4)
    write(table, from + (is64 ? 0x18 : 0x10), at, word)
    write(table, from + (is64 ? 0x20 : 0x14), content.length, word)
    at += content.length
  })
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, order === 'little' ? 1 : 2, 1]).copy(head)
  // An executable, of x86 or of a processor that is as wide, in the version of today.
  write(head, 0x10, 2, 2)
  write(head, 0x12, is64 ? 62 : 3, 2)
  write(head, 0x14, 1, 4)
  write(head, is64 ? 0x28 : 0x20, at, word)
  write(head, is64 ? 0x34 : 0x28, is64 ? 64 : 52, 2)
  write(head, is64 ? 0x3a : 0x2e, entry, 2)
  write(head, is64 ? 0x3c : 0x30, names.length, 2)
  write(head, is64 ? 0x3e : 0x32, names.length - 1, 2)
  return Buffer.concat([head, ...contents, table])
}

/** A program in PE: each section padded to 512 bytes. */
export function peOf(sections: Sections): Buffer {
  const head = Buffer.alloc(512)
  head.write('MZ')
  head.writeUInt32LE(0x80, 0x3c)
  head.write('PE\0\0', 0x80)
  head.writeUInt16LE(Object.keys(sections).length, 0x86)
  const contents: Buffer[] = []
  let offset = head.length
  Object.entries(sections).forEach(([name, content], index) => {
    const [at, padded] = [0x98 + index * 40, Buffer.alloc(Math.ceil(content.length / 512) * 512)]
    content.copy(padded)
    head.write(name, at)
    head.writeUInt32LE(content.length, at + 8)
    head.writeUInt32LE(padded.length, at + 16)
    head.writeUInt32LE(offset, at + 20)
    offset += padded.length
    contents.push(padded)
  })
  return Buffer.concat([head, ...contents])
}

/** A program in Mach-O of 64 bits, little end first, its sections in one segment behind another command. */
export function machOOf(sections: Sections): Buffer {
  const count = Object.keys(sections).length
  const head = Buffer.alloc(32 + 24 + 72 + count * 80)
  head.writeUInt32BE(0xcffaedfe, 0)
  head.writeUInt32LE(2, 16)
  head.writeUInt32LE(0x1b, 32)
  head.writeUInt32LE(24, 36)
  head.writeUInt32LE(0x19, 56)
  head.writeUInt32LE(72 + count * 80, 60)
  head.writeUInt32LE(count, 56 + 64)
  let offset = head.length
  Object.entries(sections).forEach(([name, content], index) => {
    const at = 56 + 72 + index * 80
    head.write(name, at)
    head.writeBigUInt64LE(BigInt(content.length), at + 40)
    head.writeUInt32LE(offset, at + 48)
    offset += content.length
  })
  return Buffer.concat([head, ...Object.values(sections)])
}

/** Programs in Mach-O for several processors, in one file. */
export function fatOf(programs: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8 + programs.length * 20)
  head.writeUInt32BE(0xcafebabe, 0)
  head.writeUInt32BE(programs.length, 4)
  let offset = head.length
  programs.forEach((program, index) => {
    head.writeUInt32BE(offset, 8 + index * 20 + 8)
    head.writeUInt32BE(program.length, 8 + index * 20 + 12)
    offset += program.length
  })
  return Buffer.concat([head, ...programs])
}
