import { messageOf } from '../../base/errors.ts'
import { readText } from '../../io/files.ts'
import { credentialKeyless } from './errors.ts'

/** A token in a file that a variable names; read at each use, as the kubelet replaces it. Throws SW-CREDENTIAL-KEYLESS. */
export async function readToken(path: string, variable: string): Promise<string> {
  const text = await readText(path).catch((cause: unknown) => {
    throw credentialKeyless(`The file that ${variable} names cannot be read: ${messageOf(cause)}`, { cause })
  })
  if (text.trim() === '') throw credentialKeyless(`${path}, which ${variable} names, is empty, expected a token.`)
  return text.trim()
}
