import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

const schemaOf = (name: string): object => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')) as object

let compiled: ValidateFunction | undefined

/** What the official schema of CycloneDX 1.6 has against a document; empty when it is valid. */
export function cycloneDxFaults(document: unknown): readonly string[] {
  compiled ??= compile()
  compiled(document)
  return (compiled.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)
}

/** Compiled once: the schema has 260 kB. */
function compile(): ValidateFunction {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false })
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'])
    ajv.addSchema(schemaOf(name), `http://cyclonedx.org/schema/${name}`)
  return ajv.compile(schemaOf('bom-1.6.SNAPSHOT.schema.json'))
}
