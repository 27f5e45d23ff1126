/** The ASN.1 form (RFC 3279 §2.2.3) of an ECDSA signature that is r and s in a row, each as long as the curve (RFC 7518 §3.4). */
export function derOfRaw(raw: Buffer): Buffer {
  const half = raw.length / 2
  return tagged(0x30, Buffer.concat([integer(raw.subarray(0, half)), integer(raw.subarray(half))]))
}

/** Without zeros before it, but for the one that keeps it positive. */
function integer(magnitude: Buffer): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0)
  const bytes = start === -1 ? Buffer.of(0) : magnitude.subarray(start)
  return tagged(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

/** Of P-521 the whole has more than 127 bytes, never more than 255. */
function tagged(tag: number, content: Buffer): Buffer {
  const head = content.length < 0x80 ? [tag, content.length] : [tag, 0x81, content.length]
  return Buffer.concat([Buffer.from(head), content])
}
