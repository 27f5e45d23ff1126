import { suggest } from '../../base/suggest.ts'
import { type ProfileName, profiles } from '../../domain/sbom/check/check.ts'
import { type FormatName, formats } from '../../domain/sbom/format.ts'
import { inputsInvalid } from '../../spec/errors.ts'

/** The formats that are asked for, each once. @throws SW-INPUT-INVALID */
export function formatsOf(words: readonly string[]): readonly FormatName[] {
  return wordsOf(words, { input: 'format', known: Object.keys(formats) as readonly FormatName[] })
}

/** The profiles that are asked for, each once. @throws SW-INPUT-INVALID */
export function profilesOf(words: readonly string[]): readonly ProfileName[] {
  return wordsOf(words, { input: 'check', known: Object.keys(profiles) as readonly ProfileName[] })
}

function wordsOf<W extends string>(
  words: readonly string[],
  { input, known }: { readonly input: string; readonly known: readonly W[] },
): readonly W[] {
  const found = words.map((word) => {
    const one = known.find((candidate) => candidate === word)
    if (one !== undefined) return one
    const meant = suggest(word, known)
    throw inputsInvalid(
      `${input} names ${JSON.stringify(word)}, expected some of: ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    )
  })
  return [...new Set(found)]
}
