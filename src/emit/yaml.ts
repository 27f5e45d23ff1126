import { dump } from 'js-yaml'
import { type EmittedFile, notice } from './file.ts'

/** What YAML can hold. A key whose value is undefined is left out; all others keep their order. */
export type Yaml = string | number | boolean | readonly Yaml[] | YamlMap
export type YamlMap = { readonly [key: string]: Yaml | undefined }

/** A generated YAML file; `remarks` are further lines of the comment at its top. */
export function yamlFile(path: string, source: string, value: YamlMap, remarks: readonly string[] = []): EmittedFile {
  const comment = [notice(source), ...remarks].map((line) => `# ${line}\n`).join('')
  return { path, content: comment + yamlText(value) }
}

/** Block style, one line a text, no anchors: what the same objects give is always the same bytes. */
export function yamlText(value: Yaml): string {
  // skipInvalid drops keys that are undefined; the type admits nothing else that is invalid.
  return dump(value, { lineWidth: -1, noRefs: true, skipInvalid: true })
}

/** The list, or nothing where it would be empty. */
export function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}
