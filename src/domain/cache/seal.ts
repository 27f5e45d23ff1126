import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { dirname } from 'node:path'
import { ensureFolder, readText, writeAtomic } from '../../io/files.ts'

/** What only the user of this machine knows: whatever is sealed with it was written by a build of theirs. */
export type Secret = Buffer

/** The secret in a file, made when there is none. Undefined when it can be neither read nor made: then nothing is trusted. */
export async function readSecret(path: string): Promise<Secret | undefined> {
  const read = async (): Promise<Secret | undefined> => {
    const text = await readText(path, 1024).catch(() => '')
    return /^[0-9a-f]{64}\n$/.test(text) ? Buffer.from(text.trim(), 'hex') : undefined
  }
  const known = await read()
  if (known !== undefined) return known
  try {
    await ensureFolder(dirname(path), 0o700)
    await writeAtomic(path, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
    // Another run may have been faster: what is there counts.
    return await read()
  } catch {
    return undefined
  }
}

/** A text with a first line that shows who wrote it under this name. */
export function seal(secret: Secret | undefined, name: string, text: string): string {
  return `${secret === undefined ? 'unsealed' : mac(secret, name, text)}\n${text}`
}

/** The text, and whether this machine's user wrote it under this name; undefined when it is no sealed text at all. */
export function unseal(secret: Secret | undefined, name: string, sealed: string): { text: string; isTrusted: boolean } | undefined {
  const end = sealed.indexOf('\n')
  if (end < 0) return undefined
  const text = sealed.slice(end + 1)
  const seen = Buffer.from(sealed.slice(0, end))
  const expected = secret === undefined ? undefined : Buffer.from(mac(secret, name, text))
  return { text, isTrusted: expected !== undefined && seen.length === expected.length && timingSafeEqual(seen, expected) }
}

/** The name is in it, so that what was written under one name counts for nothing under another. */
function mac(secret: Secret, name: string, text: string): string {
  return createHmac('sha256', secret).update(`${name}\n${text}`).digest('hex')
}
