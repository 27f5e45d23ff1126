import * as v from 'valibot'
import { excerpt } from '../../../base/untrusted.ts'
import { sbomMalformed } from '../errors.ts'

/** A text of a document: names and versions are short, licences that are given in full are not. */
export const text = v.pipe(v.string(), v.maxLength(1_000_000))
export const mostComponents = 200_000
export const mostEdges = 2_000_000

/** A list with an end. */
export const many = <const S extends v.GenericSchema>(item: S, most = mostEdges) => v.optional(v.pipe(v.array(item), v.maxLength(most)), [])

/** What a schema makes of a value, or an error that names the place. @throws SW-SBOM-MALFORMED */
export function fitted<const S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw sbomMalformed(`${where} is malformed: ${v.getDotPath(issue) ?? 'the document'}: ${excerpt(issue.message, 200)}.`)
}
