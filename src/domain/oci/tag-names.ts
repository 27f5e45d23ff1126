import { isTag } from '../../base/reference.ts'
import { tagInvalid } from './errors.ts'

/** The tags as given, each once. Throws SW-PUSH-TAG. */
export function checkedTags(tags: readonly string[]): readonly string[] {
  const bad = tags.filter((tag) => !isTag(tag))
  if (bad.length === 0) return [...new Set(tags)]
  const names = bad.map((tag) => `"${tag}"`).join(', ')
  throw tagInvalid(
    `${names} cannot be ${bad.length === 1 ? 'a tag' : 'tags'}: expected 1 to 128 letters, digits, "_", "." and "-", not first "." or "-"`,
    { hint: `tags: ${tags.map(mended).join(', ')}`, safe: 'nothing was pushed' },
  )
}

function mended(tag: string): string {
  return tag
    .replace(/^[.-]+/, '')
    .replace(/[^\w.-]/g, '-')
    .slice(0, 128)
}
