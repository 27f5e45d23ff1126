import type { TaskError } from '../../base/errors.ts'
import { diskFull } from '../../io/errors.ts'
import type { ProcessResult } from '../../spec/ports.ts'
import type { GitSettings } from './environment.ts'
import { gitFailed, refMissing, repositoryMissing, sourceChanged, sourceDenied, sourceUnreachable } from './errors.ts'

type Make = (words: string, settings: GitSettings) => TaskError

/** The first that fits what git said decides. */
const causes: readonly (readonly [RegExp, Make])[] = [
  [/no space left on device|disk quota exceeded/i, (words) => diskFull(`git: ${words}`)],
  [
    /would be overwritten by checkout|would be (?:overwritten|removed) by|would lose untracked files/,
    (words) => sourceChanged(`The checkout would overwrite files: ${words}`, { safe: 'nothing was overwritten' }),
  ],
  [/dubious ownership/, foreign],
  [/requested URL returned error: 30\d|unable to update url base from redirection/, redirected],
  [/not our ref|unadvertised object|couldn't find remote ref|bad object|not a valid object/i, unavailable],
  [
    /authentication failed|could not read (?:username|password)|terminal prompts disabled|returned error: 40[13]|permission denied \(|host key verification failed|access denied/i,
    denied,
  ],
  [/returned error: 404|repository (?:'.*' )?not found|does not appear to be a git repository|info\/refs not valid/i, missing],
  [
    /could not resolve|failed to connect|connect to host|connection (?:refused|reset|timed out|closed)|timed out|too slow|early EOF|unexpected disconnect|RPC failed|returned error: (?:429|5\d\d)|hung up|network is unreachable|no route to host|empty reply|invalid index-pack output/i,
    (words, settings) => unreachable(words, settings, true),
  ],
  [/certificate|SSL|TLS/, (words, settings) => unreachable(words, settings, false)],
]

/** What a failed git means: told from its words, which are those of git in English. */
export function failureOf(subcommand: string, { code, signal, stderr }: ProcessResult, settings: GitSettings): TaskError {
  const words = wordsOf(stderr)
  const make = causes.find(([pattern]) => pattern.test(stderr))?.[1]
  if (make !== undefined) return make(words, settings)
  return gitFailed(`git ${subcommand} ended with ${code === null ? signal : `exit code ${code}`}: ${words || 'it said nothing'}`)
}

/** The lines that matter, as one. */
function wordsOf(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.trim())
  const telling = lines.filter((line) => line !== '' && !/^(?:hint|warning|please |aborting)/i.test(line))
  return telling.slice(-6).join(' ').slice(0, 600)
}

function denied(words: string, { address, credentials }: GitSettings): TaskError {
  const [who, hint] = {
    ssh: ['with the key that ssh has here', 'Give ssh a key and a known_hosts, or use the https address with a token as `password`.'],
    file: ['by this user', 'Let the user of this step read the repository: chmod -R a+rX'],
    none: [
      'without credentials: none were given',
      'Set `password` to a token that may read the repository; on Tekton: kubectl create secret generic slipway-source --from-literal=password=TOKEN',
    ],
    given: [
      `as ${JSON.stringify(credentials?.username)} with the inputs username and password`,
      'Check that the token has not expired and may read this repository.',
    ],
  }[address.scheme === 'ssh' || address.scheme === 'file' ? address.scheme : credentials === undefined ? 'none' : 'given']
  return sourceDenied(`${address.url} cannot be read ${who}. git: ${words}`, { hint })
}

function foreign(_: string, { address, folder }: GitSettings): TaskError {
  const place = address.scheme === 'file' ? address.url : folder
  return sourceDenied(`git does not read ${place}, because it belongs to another user.`, {
    hint:
      address.scheme === 'file' ? 'Give it to the user of this step (chown -R), or serve it over http.' : `chown -R "$(id -u)" '${folder}'`,
  })
}

function missing(words: string, { address, credentials }: GitSettings): TaskError {
  return repositoryMissing(`There is no repository at ${address.url}. git: ${words}`, {
    ...(credentials === undefined ? { hint: 'Correct the address; a private repository needs `password`.' } : {}),
  })
}

function redirected(words: string, { address }: GitSettings): TaskError {
  return repositoryMissing(`${address.url} leads to another address, which is not followed with credentials. git: ${words}`, {
    hint: 'Use the address that the server itself shows for cloning, usually with .git at its end.',
  })
}

function unavailable(words: string, { address }: GitSettings): TaskError {
  return refMissing(`${address.url} does not give what was asked for. git: ${words}`, {
    hint: 'A commit that no branch or tag holds, or a server that gives none by hash: set `ref` to the branch, `commit` to the hash.',
  })
}

function unreachable(words: string, { address }: GitSettings, retryable: boolean): TaskError {
  return sourceUnreachable(`${address.url} could not be reached. git: ${words}`, { retryable })
}
