import * as v from 'valibot'
import { excerpt } from '../../../base/untrusted.ts'
import type { Processes } from '../../../spec/ports.ts'
import { credentialHelper } from '../errors.ts'
import { type Credential, passwordOrToken } from './credential.ts'
import { HelperAnswer } from './schema.ts'

const patience = 60_000

interface Asking {
  readonly process: Processes
  /** Which configuration names the helper. */
  readonly source: string
}

/** Asks `docker-credential-NAME get` for a server; undefined when it has nothing. Throws SW-CREDENTIAL-HELPER. */
export async function askHelper(name: string, server: string, { process, source }: Asking): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw credentialHelper(`${source} names the credential helper ${JSON.stringify(name)}, which is no program name.`)
  }
  if ((await process.find(program)) === undefined) throw credentialHelper(`${source} names ${program} for ${server}, which is not on PATH.`)
  // Its environment is the user's: helpers of clouds are set up by variables.
  const asked = { argv: [program, 'get'], stdin: server, inherit: 'user', timeout: patience, keep: 65_536, secretOutput: true } as const
  const result = await process.run(asked)
  if (result.code !== 0 && /credentials not found/i.test(result.stdout + result.stderr)) return undefined
  const where = `${program} (from ${source})`
  if (result.code !== 0) throw credentialHelper(`${where} ${endOf(result)} for ${server}: ${wordsOf(result)}`)
  const answer = parseAnswer(result.stdout)
  if (answer === undefined) throw credentialHelper(`${where} did not answer with a user and a secret for ${server}.`)
  return passwordOrToken(answer.Username, answer.Secret, where)
}

function parseAnswer(text: string): HelperAnswer | undefined {
  try {
    const parsed = v.safeParse(HelperAnswer, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

function endOf({ code, signal, timedOut }: { code: number | null; signal: string | null; timedOut: boolean }): string {
  if (timedOut) return `did not answer within ${patience / 1000} s`
  return code === null ? `was ended by ${signal}` : `failed with exit status ${code}`
}

/** Helpers say on stdout, too, why they failed; an answer there is never shown. */
function wordsOf({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const words = stderr.trim() !== '' || stdout.includes('{') ? stderr : stdout
  return excerpt(words.trim().split('\n', 1)[0] ?? '', 200) || 'no message.'
}
