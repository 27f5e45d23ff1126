import { chartInvalid } from './errors.ts'

/** Whether a path of a chart is left out; relative with `/`. */
export type Ignored = (path: string, isFolder: boolean) => boolean

interface Rule {
  readonly expression: RegExp
  readonly negative: boolean
  readonly onlyFolders: boolean
  /** Compared with the whole path, and not with its last part. */
  readonly isWhole: boolean
}

/**
 * `.helmignore` as Helm reads it (helm.sh/docs/chart_template_guide/helm_ignore_file): patterns of filepath.Match without `**`; a negative
 * one leaves out what it does not match. Files in templates whose names begin with a dot are always left out. @throws SW-CHART-INVALID
 */
export function parseHelmignore(text: string): Ignored {
  const rules = [...text.split(/\r?\n/), 'templates/.?*'].flatMap((line) => ruleOf(line.trim()))
  return (path, isFolder) =>
    rules.some((rule) => {
      const isMatch = rule.expression.test(rule.isWhole ? path : path.slice(path.lastIndexOf('/') + 1))
      // As Helm has it: one that is for folders matches no file.
      return (isMatch && (isFolder || !rule.onlyFolders)) !== rule.negative
    })
}

function ruleOf(line: string): readonly Rule[] {
  if (line === '' || line.startsWith('#')) return []
  if (line.includes('**')) throw chartInvalid(`.helmignore has ${JSON.stringify(line)}, and Helm takes no "**" there.`)
  const negative = line.startsWith('!')
  const pattern = negative ? line.slice(1) : line
  const onlyFolders = pattern.endsWith('/')
  const bare = onlyFolders ? pattern.slice(0, -1) : pattern
  const isRooted = bare.startsWith('/')
  const whole = isRooted ? bare.slice(1) : bare
  return [{ expression: expressionOf(whole, line), negative, onlyFolders, isWhole: isRooted || whole.includes('/') }]
}

const token = /\\(.)|\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|[\s\S]/gu

/** path/filepath.Match of Go. */
function expressionOf(pattern: string, line: string): RegExp {
  const source = pattern.replace(token, (found: string, escaped?: string, not?: string, range?: string) => {
    if (escaped !== undefined) return quoted(escaped)
    if (found === '*') return '[^/]*'
    if (found === '?') return '[^/]'
    if (range !== undefined) return `[${not ?? ''}${range.replace(/[[&~|]/g, '\\$&')}]`
    if (found === '[' || found === '\\') throw chartInvalid(`.helmignore has ${JSON.stringify(line)}, whose "${found}" has no end.`)
    return quoted(found)
  })
  try {
    return new RegExp(`^${source}$`, 'u')
  } catch (cause) {
    throw chartInvalid(`.helmignore has ${JSON.stringify(line)}, which is no pattern.`, { cause })
  }
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&')
}
