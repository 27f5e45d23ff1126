import type { LogEntry } from '../../sigstore/formats/material.ts'

/**
 * An entry of a transparency log as dev.sigstore.rekor.v1.TransparencyLogEntry in protocol buffers, without its body: whoever has the
 * signature makes that anew.
 */
export function encodeLogEntry({ logIndex, logId, kindVersion, integratedTime, inclusionPromise, inclusionProof }: LogEntry): Buffer {
  return Buffer.concat([
    number(1, logIndex),
    message(2, base64(1, logId.keyId)),
    message(3, text(1, kindVersion.kind), text(2, kindVersion.version)),
    number(4, integratedTime),
    ...(inclusionPromise === undefined ? [] : [message(5, base64(1, inclusionPromise.signedEntryTimestamp))]),
    ...(inclusionProof === undefined ? [] : [message(6, ...proofFields(inclusionProof))]),
  ])
}

function proofFields({ logIndex, rootHash, treeSize, hashes = [], checkpoint }: NonNullable<LogEntry['inclusionProof']>): Buffer[] {
  return [
    ...[number(1, logIndex), base64(2, rootHash), number(3, treeSize)],
    ...hashes.map((hash) => base64(4, hash)),
    message(5, text(1, checkpoint.envelope)),
  ]
}

/** Zero is left out, as protocol buffers have it. */
function number(field: number, value = '0'): Buffer {
  return BigInt(value) === 0n ? Buffer.alloc(0) : Buffer.concat([varint(BigInt(field << 3)), varint(BigInt(value))])
}

function message(field: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([varint(BigInt((field << 3) | 2)), varint(BigInt(body.length)), body])
}

function base64(field: number, value: string): Buffer {
  return message(field, Buffer.from(value, 'base64'))
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value))
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
