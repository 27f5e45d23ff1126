/** Keeps the last bytes of a text that comes in pieces, never half a character. */
export class OutputTail {
  readonly #limit: number
  readonly #pieces: Buffer[] = []
  #size = 0

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(text: string): void {
    const piece = Buffer.from(text)
    this.#pieces.push(piece)
    this.#size += piece.length
    for (let first = this.#pieces[0]; first !== undefined && this.#size - first.length >= this.#limit; first = this.#pieces[0]) {
      this.#pieces.shift()
      this.#size -= first.length
    }
  }

  toString(): string {
    const all = Buffer.concat(this.#pieces)
    let start = Math.max(0, all.length - this.#limit)
    while (start > 0 && start < all.length && ((all[start] ?? 0) & 0xc0) === 0x80) start += 1
    return all.toString('utf8', start)
  }
}
