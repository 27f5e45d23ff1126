import { inputVariable, kebab } from '../../base/names.ts'
import type { Definition } from '../../spec/define.ts'
import { secretsOf } from '../../spec/inputs.ts'
import type { RawInputs } from '../../spec/parse-inputs.ts'
import { secretExposed } from '../errors.ts'

/** Shorter ones occur in honest values. */
const shortest = 8

/**
 * Refuses inputs that hold the value of a secret input. Kubernetes expands `$(INPUT_PASSWORD)` in arguments, so whoever
 * writes an item of a list could have a secret put into a label, a tag or a log.
 * @throws SW-INPUT-SECRET
 */
export function refuseExposedSecrets(definition: Definition, inputs: RawInputs): void {
  const secretNames = Object.keys(definition.inputs)
    .filter((name) => definition.inputs[name]?.kind.name === 'secret')
    .map(kebab)
  const secrets = secretsOf(definition, inputs)
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= shortest)
  for (const [name, value] of inputs) {
    if (secretNames.includes(name)) continue
    if (secrets.some((secret) => [value].flat().some((text) => text.includes(secret)))) throw exposed(name, secretNames)
  }
}

function exposed(name: string, secretNames: readonly string[]): Error {
  const references = secretNames.map((secret) => `$(${inputVariable(secret)})`).join(' or ')
  return secretExposed(`The input \`${name}\` holds the value of a secret input, expected a value that is not secret.`, {
    hint: `look for ${references} in \`${name}\``,
    safe: 'nothing was run with it',
  })
}
