/** Of one entry: times, ids, mode, owner, size; then the object's name, two bytes of flags, and the path. */
const fixed = 40
/** Bytes of the two kinds of object names, SHA-1 and SHA-256. */
const hashes = [20, 32]
const extended = 0x40

/** Whether git tracks a path, by the bytes of its index (gitformat-index, versions 2 to 4); false for what is no index. */
export function isTracked(index: Buffer, path: string): boolean {
  if (index.length < 12 || index.toString('latin1', 0, 4) !== 'DIRC') return false
  const [version, count] = [index.readUInt32BE(4), index.readUInt32BE(8)]
  // Only version 4 keeps parts of paths.
  if (version < 4 && !index.includes(path)) return false
  // The index does not say which hash it is of: with the wrong one its entries lead nowhere.
  return hashes.some((hash) => pathsOf(index, { version, count, hash })?.has(path) === true)
}

interface Layout {
  readonly version: number
  readonly count: number
  readonly hash: number
}

/** All paths; undefined when the entries do not fit. */
function pathsOf(index: Buffer, { version, count, hash }: Layout): ReadonlySet<string> | undefined {
  const paths = new Set<string>()
  let previous = Buffer.alloc(0)
  let at = 12
  for (let entry = 0; entry < count; entry += 1) {
    const flags = at + fixed + hash
    if (flags + 2 > index.length) return undefined
    const start = flags + ((index[flags] ?? 0) & extended ? 4 : 2)
    const { drop, from } = version === 4 ? prefix(index, start) : { drop: previous.length, from: start }
    const end = index.indexOf(0, from)
    if (end < 0 || drop > previous.length) return undefined
    previous = Buffer.concat([previous.subarray(0, previous.length - drop), index.subarray(from, end)])
    paths.add(previous.toString())
    // Up to version 3 an entry is padded with 1 to 8 NULs to a multiple of 8 bytes.
    at = version === 4 ? end + 1 : at + (Math.floor((end - at) / 8) + 1) * 8
  }
  return paths
}

/** How much of the path before falls away, as git's variable-width integer (offset encoding). */
function prefix(index: Buffer, start: number): { readonly drop: number; readonly from: number } {
  let at = start
  let byte = index[at] ?? 0
  let drop = byte & 0x7f
  while (byte & 0x80) {
    at += 1
    byte = index[at] ?? 0
    drop = (drop + 1) * 128 + (byte & 0x7f)
  }
  return { drop, from: at + 1 }
}
