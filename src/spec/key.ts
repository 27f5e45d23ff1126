import { type Digest, sha256 } from '../base/digest.ts'
import type { Definition } from './define.ts'
import type { Values } from './parse-inputs.ts'
import type { ReleaseRecord } from './record/record.ts'

/** Identifies what a task would do: its name, its inputs (secrets apart) and the sections it reads. Equal key, equal work. */
export function workKey(definition: Definition, values: Values, record: ReleaseRecord): Digest {
  const inputs = Object.entries(definition.inputs)
    .filter(([name, input]) => input.kind.name !== 'secret' && values[name] !== undefined)
    .map(([name, input]) => [name, input.kind.format(values[name])])
  const read = definition.reads.map((section) => [section, record[section] ?? null])
  return sha256(JSON.stringify([definition.name, inputs, read]))
}
