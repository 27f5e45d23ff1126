import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

const schemaOf = (name: string): object => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')) as object
const compiled = new Map<string, ValidateFunction>()

/** What the official schema of CycloneDX 1.6 or 1.7, as the document says, has against it; empty when it is valid. */
export function cycloneDxFaults(document: object): readonly string[] {
  return faults(
    document,
    'specVersion' in document && document.specVersion === '1.7' ? 'bom-1.7.SNAPSHOT.schema.json' : 'bom-1.6.SNAPSHOT.schema.json',
  )
}

/** What the official schema of SPDX 2.3 has against a document; empty when it is valid. */
export function spdxFaults(document: unknown): readonly string[] {
  return faults(document, 'spdx-schema-2.3.json')
}

/** Compiled once: the schemas of CycloneDX have 260 kB. */
function faults(document: unknown, schema: string): readonly string[] {
  const validate = compiled.get(schema) ?? compile(schema)
  compiled.set(schema, validate)
  validate(document)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)
}

function compile(schema: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false })
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs'])
    ajv.addSchema(schemaOf(`${name}.SNAPSHOT.schema.json`), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  return ajv.compile(schemaOf(schema))
}
