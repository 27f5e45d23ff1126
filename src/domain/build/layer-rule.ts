import { posix } from 'node:path'
import type { WalkedFile } from '../../io/files.ts'
import { layerInvalid } from './errors.ts'
import { compilePatterns, PatternFault, type Patterns } from './patterns.ts'

/** A layer as the user asks for it: `SRC:DEST` or `SRC:DEST:PATTERN|PATTERN…`. */
export interface LayerRule {
  readonly text: string
  /** Relative to the context; `''` is all of it. */
  readonly from: string
  /** In the image, without a slash in front; `''` is its root. */
  readonly to: string
  /** Whether `to` names a folder even when `from` is a file. */
  readonly intoFolder: boolean
  readonly patterns: Patterns | undefined
}

/** Folders that are symbolic links in current distributions: a layer that has them as folders would replace the link. */
const linkedFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'var/run', 'var/lock']
/** Mounted by every container runtime: what a layer has there cannot be seen. */
const mountedFolders = ['proc', 'sys', 'dev']

/**
 * Reads a rule. SRC is a file or folder of the context; DEST is absolute; patterns are those of `.dockerignore`,
 * relative to SRC, and say what is taken (`**\/*.js`) or left (`!**\/*.map`). @throws SW-BUILD-LAYER
 */
export function parseLayerRule(text: string): LayerRule {
  const [, source, destination, patterns] = /^([^:]*):([^:]*)(?::(.*))?$/s.exec(text) ?? []
  if (source === undefined || destination === undefined) throw invalid(text, 'has no ":"')
  if (!destination.startsWith('/'))
    throw invalid(text, `has the destination ${JSON.stringify(destination)}, expected one that begins with "/"`)
  const to = posix.normalize(destination).replace(/^\/+|\/+$/g, '')
  requireFreeFolder(text, to)
  return { text, from: sourceOf(text, source), to, intoFolder: destination.endsWith('/'), patterns: patternsOf(text, patterns) }
}

/** The files of a context that a rule takes; the folder SRC itself is not among them. */
export function filesOf({ from, patterns }: LayerRule, files: readonly WalkedFile[]): readonly WalkedFile[] {
  if (from === '' && patterns === undefined) return files
  return files.filter(({ path, kind }) => {
    if (path === from) return kind !== 'directory'
    if (from !== '' && !path.startsWith(`${from}/`)) return false
    return patterns === undefined || patterns.matches(from === '' ? path : path.slice(from.length + 1), kind === 'directory')
  })
}

function sourceOf(text: string, source: string): string {
  const from = posix.normalize(source === '' ? '.' : source).replace(/\/$/, '')
  if (posix.isAbsolute(from)) throw invalid(text, 'has an absolute source, expected one relative to the context')
  if (from === '..' || from.startsWith('../')) throw invalid(text, 'has a source outside of the context')
  return from === '.' ? '' : from
}

function patternsOf(text: string, patterns: string | undefined): Patterns | undefined {
  const list = (patterns ?? '').split('|').filter((pattern) => pattern.trim() !== '')
  if (list.length === 0) return undefined
  try {
    return compilePatterns(list[0]?.trim().startsWith('!') ? ['**', ...list] : list)
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    throw invalid(text, `has the pattern ${JSON.stringify(error.pattern)}, which ${error.message}`, error)
  }
}

function requireFreeFolder(text: string, to: string): void {
  const within = (folder: string): boolean => to === folder || to.startsWith(`${folder}/`)
  const linked = linkedFolders.find(within)
  if (linked !== undefined) {
    throw invalid(
      text,
      `puts files into /${linked}, which is a symbolic link in most base images; expected /usr/${linked} or another folder`,
    )
  }
  const mounted = mountedFolders.find(within)
  if (mounted !== undefined) throw invalid(text, `puts files into /${mounted}, which container runtimes mount over`)
}

function invalid(text: string, why: string, cause?: unknown): Error {
  return layerInvalid(`The layer ${JSON.stringify(text)} ${why}.`, {
    cause,
    hint: 'A layer is SRC:DEST or SRC:DEST:PATTERN, such as dist:/app/dist:!**/*.map',
  })
}
