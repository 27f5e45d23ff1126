import { CORE_SCHEMA, load } from 'js-yaml'
import { type ErrorKind, messageOf } from '../../base/errors.ts'

/** A YAML or JSON text as data; `where` names it in the error of the kind that is given. */
export function readYaml(text: string, where: string, invalid: ErrorKind): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA })
  } catch (cause) {
    throw invalid(`${where} is no YAML: ${messageOf(cause)}.`, { cause })
  }
}
