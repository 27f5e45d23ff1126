import { type ChosenSigner, chooseSigner, type SignerChoice, type SignerPorts } from './choose-signer.ts'

/** Milliseconds that a key service has for its answer once nothing will be signed: a login that it gives is ended then, not forgotten. */
const farewell = 1000

/**
 * Works with what is read for a signature, and with who signs, who is chosen meanwhile and let go in the end. What cannot be read is told
 * at once, whoever else does not answer. No certificate is asked for, and logged, for an image that is not there.
 */
export async function withSigner<Read, Result>(
  reading: Promise<Read>,
  { choice, ports, token }: { readonly choice: SignerChoice; readonly ports: SignerPorts; readonly token?: () => Promise<string> },
  work: (read: Read, signer: ChosenSigner) => Promise<Result>,
): Promise<Result> {
  if (choice.key === undefined) await reading
  const unread = new AbortController()
  const signal = AbortSignal.any([ports.signal, unread.signal])
  const choosing = chooseSigner(choice, { ...ports, signal }, token)
  reading.catch((reason) => setTimeout(() => unread.abort(reason), farewell).unref())
  try {
    const [read, signer] = await Promise.all([reading, choosing])
    return await work(read, signer)
  } finally {
    await choosing.then((signer) => signer.close?.()).catch(() => undefined)
  }
}
