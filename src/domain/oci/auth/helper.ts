import * as v from 'valibot'
import type { Processes } from '../../../spec/ports.ts'
import { credentialHelper } from '../errors.ts'
import { type Credential, passwordOrToken } from './credential.ts'
import { HelperAnswer } from './schema.ts'

const patience = 60_000

/** Asks `docker-credential-NAME get` for a server; undefined when it has nothing. Throws SW-CREDENTIAL-HELPER. */
export async function askHelper(
  name: string,
  server: string,
  { process, source }: { process: Processes; source: string },
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw credentialHelper(`${source} names the credential helper ${JSON.stringify(name)}, which is no program name.`)
  if ((await process.find(program)) === undefined) throw credentialHelper(`${source} names ${program} for ${server}, which is not on PATH.`)
  // Its environment is the user's: helpers of clouds are set up by variables.
  const result = await process.run({ argv: [program, 'get'], stdin: server, inherit: 'user', timeout: patience, keep: 65_536 })
  if (result.code !== 0 && /credentials not found/i.test(result.stdout + result.stderr)) return undefined
  if (result.code !== 0)
    throw credentialHelper(`${program} (from ${source}) ${endOf(result)} for ${server}: ${firstLine(result.stderr || result.stdout)}`)
  const answer = parseAnswer(result.stdout)
  if (answer === undefined) throw credentialHelper(`${program} (from ${source}) did not answer with a user and a secret for ${server}.`)
  return passwordOrToken(answer.Username, answer.Secret, `${program} (from ${source})`)
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

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 200) || 'no message.'
}
