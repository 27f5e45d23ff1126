/** In bytes: of a piece as it is cut, or of what becomes of one, whatever compresses it. */
const size = 1024 * 1024 + 8 * 1024
/** As many are kept as one layer has at work. */
const mostFree = 32

const free: Buffer<SharedArrayBuffer>[] = []

/**
 * Memory that threads share, for a piece of 1 MiB or what is made of it. It is used again, by the next layer too: fresh memory costs the
 * kernel as much as a checksum costs us, and what a thread has seen stays until that one collects, which it has little reason to.
 */
export function takeMemory(): Buffer<SharedArrayBuffer> {
  return free.pop() ?? Buffer.from(new SharedArrayBuffer(size))
}

/** Gives it back, once, when nobody reads or writes there any more. */
export function giveMemory(memory: Buffer<SharedArrayBuffer>): void {
  if (free.length < mostFree) free.push(memory)
}
