import { CORE_SCHEMA, load } from 'js-yaml'
import { messageOf } from '../../../base/errors.ts'
import { policyInvalid } from './errors.ts'
import { checkPolicy, type PolicyDocument } from './policy-document.ts'

/** Reads a policy file, YAML or JSON; `where` names it. A key that comes twice, or that is unknown, is an error. Throws SW-VERIFY-POLICY-INVALID. */
export function parsePolicy(given: string, where: string): PolicyDocument {
  return checkPolicy(readYaml(given, where), where)
}

function readYaml(given: string, where: string): unknown {
  try {
    return load(given, { schema: CORE_SCHEMA })
  } catch (cause) {
    throw policyInvalid(`${where} is no YAML: ${messageOf(cause)}.`, { cause })
  }
}
