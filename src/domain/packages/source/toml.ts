import { parse } from 'smol-toml'

/** A lock file in TOML as data. */
export function tomlDocument(text: string): unknown {
  return parse(text, { maxDepth: 50, unsafeKeyBehaviour: 'drop' })
}
