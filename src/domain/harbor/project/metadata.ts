import { projectPath } from '../paths.ts'
import type { Found, Kind, Step, Value } from './kind.ts'

/** Where Harbor has no word, it acts as for false; for any other key it is unknown what it does. */
const falseWithout: ReadonlySet<string> = new Set([
  ...['public', 'auto-scan', 'auto-sbom-generation', 'prevent-vul', 'enable-content-trust', 'enable-content-trust-cosign'],
  'proxy-cache-local-on-not-found',
])
/** Ours to change by other calls. */
const foreign: ReadonlySet<string> = new Set(['retention_id'])

/** Settings of a project that are single words: Harbor keeps all as texts, and drops what it does not know without a word. */
export const metadataKind: Kind = {
  name: 'metadata',
  isWhole: true,
  wanted: ({ metadata }) =>
    metadata === undefined
      ? undefined
      : Object.entries(metadata).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value, path: ['metadata', name] }])),
  read: ({ project }) => {
    const told = [...project.metadata].flatMap(([key, text]) =>
      foreign.has(key) ? [] : [[key.replaceAll('_', '-'), { value: typed(text) }] as const],
    )
    const silent = [...falseWithout].map((name) => [name, { value: false }] as const)
    return Promise.resolve(new Map<string, Found>([...silent, ...told]))
  },
  async write({ harbor, name }, steps) {
    const body = { metadata: metadataBody(steps) }
    await harbor.send({ method: 'PUT', path: projectPath(name), body, doing: `change the settings of ${name}`, needs: '`project:update`' })
  },
  exported: (found) => Object.fromEntries([...found].map(([name, { value }]) => [name, value])),
}

/** Settings as Harbor takes them: booleans and numbers are texts. */
export function metadataBody(steps: readonly Pick<Step, 'name' | 'after'>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(steps.map(({ name, after }) => [name.replaceAll('-', '_'), String(after)]))
}

function typed(text: string): Value {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,10}$/.test(text) ? Number(text) : text
}
