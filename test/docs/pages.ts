import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

const repository = dirname(dirname(import.meta.dirname))

/** A text of the repository that people read, or start from. */
export interface Page {
  /** Relative to the repository, with slashes. */
  readonly path: string
  readonly text: string
}

/** Every Markdown page that is read where it lies: not the fixtures, and not `doc.md`, which becomes part of a page in docs/tasks. */
export const pages: readonly Page[] = read([
  '*.md',
  'docs/**/*.md',
  'examples/*/*.md',
  'actions/*/*.md',
  'bench/*.md',
  'src/**/README.md',
  'test/fakes/**/README.md',
])

/** Workflows, PipelineRuns and pipeline files to start from, as pages of one block. */
export const samples: readonly Page[] = read(['examples/**/*.{yml,yaml}', 'examples/*/.github/workflows/*.yml']).map(({ path, text }) => ({
  path,
  text: text
    .split(/^---$/m)
    .map((document) => `\`\`\`yaml\n${document.trim()}\n\`\`\`\n`)
    .join('\n'),
}))

/** Relative links of a text, outside of its code. */
export function links(markdown: string): readonly string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The page or file that a link of a page leads to, and the anchor in it. */
export function targetOf(page: string, link: string): { readonly path: string; readonly anchor: string | undefined } {
  const [path = '', anchor] = link.split('#')
  return { path: path === '' ? page : posix.normalize(posix.join(posix.dirname(page), path)), anchor }
}

/** Anchors of a page's headings as GitHub makes them: lower case, blanks to dashes, other signs left out, the second of a name numbered. */
export function anchors(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const headings = markdown.replace(/^```.*?^```/gms, '').matchAll(/^#{1,6} (.+)$/gm)
  const names = [...headings].map(([, heading = '']) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
  return new Set(names)
}

/** The YAML blocks of a text, in their order. */
export function yamlBlocks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, code = '']) => code)
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '')
}

function read(patterns: readonly string[]): readonly Page[] {
  return [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: repository })))]
    .filter((path) => !/(?:^|[\\/])(?:node_modules|fixtures|\.slipway)(?:[\\/]|$)/.test(path))
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(repository, path), 'utf8') }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
