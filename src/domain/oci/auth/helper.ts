import * as v from 'valibot'
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

/**
 * Asks `docker-credential-NAME get` for a server; undefined when it has nothing. Throws SW-CREDENTIAL-HELPER.
 * Each program is asked once for a server: after the first answer its secret is hidden in everything that a program prints.
 */
export async function askHelper(name: string, server: string, { process, source }: Asking): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw credentialHelper(`${source} names the credential helper ${JSON.stringify(name)}, which is no program name.`)
  }
  const path = await process.find(program)
  if (path === undefined) throw credentialHelper(`${source} names ${program} for ${server}, which is not on PATH.`)
  const key = JSON.stringify([path, server])
  const answer = answers.get(key) ?? ask(program, server, { process, source })
  answers.set(key, answer)
  try {
    return await answer
  } catch (error) {
    answers.delete(key)
    throw error
  }
}

const answers = new Map<string, Promise<Credential | undefined>>()

async function ask(program: string, server: string, { process, source }: Asking): Promise<Credential | undefined> {
  // Its environment is the user's: helpers of clouds are set up by variables.
  const result = await process.run({ argv: [program, 'get'], stdin: server, inherit: 'user', timeout: patience, keep: 65_536 })
  if (result.code !== 0 && /credentials not found/i.test(result.stdout + result.stderr)) return undefined
  const where = `${program} (from ${source})`
  if (result.code !== 0) throw credentialHelper(`${where} ${endOf(result)} for ${server}: ${firstLine(result.stderr || result.stdout)}`)
  const answer = parseAnswer(result.stdout)
  if (answer === undefined) throw credentialHelper(`${where} did not answer with a user and a secret for ${server}.`)
  if (answer.Secret.includes('***')) {
    throw credentialHelper(`The answer of ${where} for ${server} cannot be read, since its secret is one that this run hides already.`, {
      hint: 'Give it as the inputs `username` and `password`.',
    })
  }
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

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 200) || 'no message.'
}
