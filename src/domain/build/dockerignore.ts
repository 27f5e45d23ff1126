import { dockerignoreBroken } from './errors.ts'
import { compilePatterns, literalPattern, PatternFault, type Patterns } from './patterns.ts'

/**
 * What to do with a path of the context. `look` is a left-out folder from which a `!` pattern may take something back,
 * `credential` a file left out for its name.
 */
export type Choice = 'take' | 'look' | 'skip' | 'credential'

/** Decides path by path, folders before what lies in them. */
export interface ContextFilter {
  choose(path: string, isFolder: boolean): Choice
}

/**
 * Files that commonly hold a credential: left out unless the user's `.dockerignore` takes them back by name.
 * `.npmrc` is here because its token is the usual reason for it to lie beside an application.
 */
const credentialPatterns = [
  '**/.env',
  '**/.env.*',
  '!**/.env.example',
  '!**/.env.sample',
  '!**/.env.template',
  '**/.npmrc',
  '**/.netrc',
  '**/.git-credentials',
  '**/id_rsa',
  '**/id_dsa',
  '**/id_ecdsa',
  '**/id_ed25519',
  '**/cosign.key',
  '**/import-cosign.key',
  '**/gha-creds-*.json',
  '**/.aws/credentials',
  '**/.docker/config.json',
  '**/.kube/config',
] as const

/** With what the names of such files begin: of thousands of others the patterns are not asked. */
const beginnings = new Set(credentialPatterns.map((pattern) => pattern.charAt(pattern.lastIndexOf('/') + 1)))

/** Whether a path has the name of a file that commonly holds a credential. */
export function looksLikeCredential(path: string): boolean {
  return beginnings.has(path.charAt(path.lastIndexOf('/') + 1)) && credentials.matches(path)
}

/**
 * The filter of a context: the lines of its `.dockerignore`, and what never belongs in an image: git's data, our own
 * state, the ignore file itself, and `own`, further paths that this build writes.
 * @throws SW-BUILD-DOCKERIGNORE
 */
export function contextFilter(ignoreFile: string | undefined, own: readonly string[] = []): ContextFilter {
  const users = compileOr(readDockerignore(ignoreFile ?? ''))
  const never = compilePatterns(['**/.git', '.slipway', '.dockerignore', ...own.map(literalPattern)])
  return {
    choose(path, isFolder) {
      if (never.matches(path, isFolder)) return 'skip'
      if (users.matches(path, isFolder)) return isFolder && users.mayTakeBack(path) ? 'look' : 'skip'
      return !isFolder && looksLikeCredential(path) && !users.takesBackByName(path) ? 'credential' : 'take'
    },
  }
}

/** The patterns of a `.dockerignore`: a byte order mark is dropped, a line that begins with `#` is a comment. */
export function readDockerignore(text: string): readonly string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  return lines.filter((line) => !line.startsWith('#') && line.trim() !== '')
}

const credentials = compilePatterns(credentialPatterns)

function compileOr(patterns: readonly string[]): Patterns {
  try {
    return compilePatterns(patterns)
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    throw dockerignoreBroken(`.dockerignore: the pattern ${JSON.stringify(error.pattern)} ${error.message}`, { cause: error })
  }
}
