import { type Digest, isDigest, sha256 } from '../base/digest.ts'
import { isReferenceFault, parseReference } from '../base/reference.ts'

export type OutputKindName = 'string' | 'integer' | 'number' | 'boolean' | 'digest' | 'hash' | 'image' | 'images' | 'path' | 'url' | 'file'

/** One declared output: a short typed text, at most 1 KiB, also where it stands for a file. */
export interface Output<T = unknown> {
  readonly kind: OutputKindName
  readonly summary: string
  /** @returns the text of a valid value, undefined for one that is not of this kind */
  format(value: T): string | undefined
}

export type OutputValue<N> = N extends { format(value: infer T): string | undefined } ? T : never

interface Described {
  readonly summary: string
}

const finite = (value: number): string | undefined => (Number.isFinite(value) ? String(value) : undefined)

/** The kinds of outputs. A failed or skipped task may leave any of them empty: `undefined` in code, an empty text on every host. */
export const out = {
  text: ({ summary }: Described): Output<string> => ({ kind: 'string', summary, format: (value) => value }),
  integer: ({ summary }: Described): Output<number> => ({
    kind: 'integer',
    summary,
    format: (value) => (Number.isSafeInteger(value) ? String(value) : undefined),
  }),
  number: ({ summary }: Described): Output<number | undefined> => ({
    kind: 'number',
    summary,
    format: (value) => (value === undefined ? '' : finite(value)),
  }),
  boolean: ({ summary }: Described): Output<boolean> => ({ kind: 'boolean', summary, format: String }),
  digest: ({ summary }: Described): Output<Digest> => ({
    kind: 'digest',
    summary,
    format: (value) => (isDigest(value) ? value : undefined),
  }),
  /** A full hash of git, SHA-1 or SHA-256, in lower case. */
  hash: ({ summary }: Described): Output<string> => ({
    kind: 'hash',
    summary,
    format: (value) => (/^[\da-f]{40}(?:[\da-f]{24})?$/.test(value) ? value : undefined),
  }),
  /** `registry/repository@digest`. On Tekton also `IMAGE_URL` and `IMAGE_DIGEST`, which Tekton Chains signs. */
  image: ({ summary }: Described): Output<string> => ({ kind: 'image', summary, format: pinned }),
  /**
   * Images as {@link out.image}, separated by commas; only the first where all do not fit in an output.
   * On Tekton the result is called `IMAGES`, which Tekton Chains signs as well.
   */
  images: ({ summary }: Described): Output<readonly string[]> => ({
    kind: 'images',
    summary,
    format: (values) => (values.every((value) => pinned(value) !== undefined) ? fitting(values) : undefined),
  }),
  path: ({ summary }: Described): Output<string> => ({ kind: 'path', summary, format: (value) => value }),
  url: ({ summary }: Described): Output<string> => ({ kind: 'url', summary, format: (value) => (URL.canParse(value) ? value : undefined) }),
  /**
   * A text of up to 16 MiB, too large for an output: it is kept in the workspace at {@link outputPath}, and its digest is the output.
   * What a later task reads there it can hold against that digest.
   */
  file: ({ summary }: Described): Output<string | undefined> => ({
    kind: 'file',
    summary,
    format: (value) => (value === undefined ? '' : sha256(value)),
  }),
}

/** Where the text of an output of the kind `file` is, relative to the workspace; both names are public ones. */
export function outputPath(task: string, output: string): string {
  return `.slipway/outputs/${task}/${output}`
}

/** Half a list would say that the rest does not exist: it is all of them or the first. */
function fitting(values: readonly string[]): string {
  const all = values.join(',')
  return all.length <= 1024 ? all : (values[0] ?? '')
}

function pinned(value: string): string | undefined {
  const parsed = parseReference(value)
  return isReferenceFault(parsed) || parsed.digest === undefined ? undefined : value
}
