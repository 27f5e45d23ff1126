import { FAILSAFE_SCHEMA, loadAll } from 'js-yaml'

/** The documents of a lock file in YAML, all scalars as texts: `1.10` stays `1.10`. Aliases, which no program writes there, are refused. */
export function yamlDocuments(text: string): readonly unknown[] {
  return loadAll(text, { schema: FAILSAFE_SCHEMA, maxDepth: 50, maxAliases: 0 })
}
