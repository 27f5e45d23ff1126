/** Reads exact numbers of bytes from a stream that comes in pieces of any size. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>
  #piece: Buffer = Buffer.alloc(0)
  #ended = false
  /** Bytes read so far. */
  position = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** So many bytes; fewer only when the stream ends before. */
  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let missing = size
    for await (const part of this.parts(size)) {
      parts.push(part)
      missing -= part.length
      if (missing === 0) break
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  /** So many bytes as they come; fewer only when the stream ends before. */
  async *parts(size: number): AsyncGenerator<Buffer> {
    let missing = size
    while (missing > 0 && (await this.#fill())) {
      const part = this.#piece.subarray(0, missing)
      this.#piece = this.#piece.subarray(part.length)
      this.position += part.length
      missing -= part.length
      yield part
    }
  }

  /** Passes over so many bytes; gives how many there were. */
  async skip(size: number): Promise<number> {
    let passed = 0
    for await (const part of this.parts(size)) passed += part.length
    return passed
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#fill())
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    this.#ended = true
    this.#piece = Buffer.alloc(0)
    await this.#source.return?.()
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0 && !this.#ended) {
      const { done, value } = await this.#source.next()
      if (done === true) this.#ended = true
      else this.#piece = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    return this.#piece.length > 0
  }
}
