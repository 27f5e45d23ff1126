import { excerpt } from '../../base/untrusted.ts'
import { processNotFound } from '../../io/errors.ts'
import type { Processes, ProcessRequest } from '../../spec/ports.ts'
import { gitopsSigning } from './errors.ts'

/** Standard output of a program that signs. @throws SW-GITOPS-SIGNING */
export async function runSigner(process: Processes, request: ProcessRequest): Promise<string> {
  const [program = ''] = request.argv
  const safe = 'nothing was written'
  try {
    const { code, signal, stdout, stderr } = await process.run(request)
    if (code === 0) return stdout
    const words = excerpt(
      stderr
        .trim()
        .split(/\s*[\r\n]+\s*/)
        .slice(-4)
        .join(' '),
      400,
    )
    throw gitopsSigning(`The commit could not be signed: ${program} ended with ${code === null ? signal : `exit code ${code}`}: ${words}`, {
      safe,
    })
  } catch (cause) {
    if (!processNotFound.is(cause)) throw cause
    throw gitopsSigning(`The commit could not be signed: ${program} is not installed here.`, { safe, cause })
  }
}
