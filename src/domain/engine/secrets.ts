import { join, resolve } from 'node:path'
import { TaskError } from '../../base/errors.ts'
import { readBytes, writeAtomic } from '../../io/files.ts'
import type { Secrets } from '../../spec/ports.ts'
import { buildSecret } from './errors.ts'
import type { BuildSecret } from './request.ts'

/** In bytes: what BuildKit takes (moby/buildkit, session/secrets). */
const limit = 500 * 1024

const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** The secrets of a build by id: lines of `id=value`, or a JSON object. No message shows a part of it. @throws SW-BUILD-SECRET */
export function parseSecrets(text: string): ReadonlyMap<string, string> {
  const pairs = text.trimStart().startsWith('{') ? pairsOfJson(text) : pairsOfLines(text)
  const secrets = new Map<string, string>()
  for (const [id, value] of pairs) {
    requireId(id)
    if (secrets.has(id)) throw buildSecret(`secrets has the id ${id} twice.`)
    secrets.set(id, value)
  }
  return secrets
}

export interface GivenSecrets {
  readonly values: ReadonlyMap<string, string>
  /** Paths by id, relative to the workspace or absolute. */
  readonly files: Readonly<Record<string, string>>
  readonly workspace: string
}

/** Puts each secret into a file of mode 0600 in a private folder, and hides its content from all output. @throws SW-BUILD-SECRET */
export async function keepSecrets(
  { values, files, workspace }: GivenSecrets,
  { folder, secrets }: { readonly folder: string; readonly secrets: Secrets },
): Promise<readonly BuildSecret[]> {
  const contents = new Map<string, Buffer>([...values].map(([id, value]) => [id, Buffer.from(value)]))
  for (const [id, path] of Object.entries(files)) {
    requireId(id)
    if (contents.has(id)) throw buildSecret(`The secret ${id} is given both in secrets and in secret-files.`)
    contents.set(id, await contentOf(id, resolve(workspace, path)))
  }
  const kept: BuildSecret[] = []
  for (const [id, content] of contents) {
    secrets.mask(content.toString('utf8'))
    const path = join(folder, `secret-${kept.length}`)
    await writeAtomic(path, content, { mode: 0o600 })
    kept.push({ id, path })
  }
  return kept
}

async function contentOf(id: string, path: string): Promise<Buffer> {
  try {
    return await readBytes(path, limit)
  } catch (cause) {
    if (!(cause instanceof TaskError)) throw cause
    throw buildSecret(`The file of the secret ${id} cannot be used: ${cause.message}`, { cause, hint: cause.hint })
  }
}

function pairsOfLines(text: string): readonly (readonly [string, string])[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return []
    const equals = line.indexOf('=')
    if (equals <= 0)
      throw buildSecret(`Line ${index + 1} of secrets is not id=value.`, {
        hint: 'A value of several lines needs the JSON form: {"id": "value"}',
      })
    return [[line.slice(0, equals).trim(), line.slice(equals + 1)] as const]
  })
}

function pairsOfJson(text: string): readonly (readonly [string, string])[] {
  const value = parsed(text)
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return entries.map(([id, entry]) => {
    if (typeof entry === 'string') return [id, entry] as const
    throw buildSecret(`secrets has something else than a text under ${JSON.stringify(id)}.`)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without the parser's words, which quote the text.
    throw buildSecret('secrets begins like a JSON object but is none.')
  }
}

function requireId(id: string): void {
  if (!idForm.test(id))
    throw buildSecret(`A secret has an id that is not of letters, digits, ".", "_" and "-" alone: it has ${id.length} characters.`)
}
