import type { ErrorKind } from '../base/errors.ts'
import * as registry from '../domain/registry/errors.ts'
import * as keys from '../domain/sigstore/keys/errors.ts'
import * as tekton from '../domain/tekton/errors.ts'
import { hostErrors } from '../host/errors.ts'
import * as io from '../io/errors.ts'
import { pipelineErrors } from '../pipeline/errors.ts'
import { kernelErrors } from '../spec/errors.ts'
import { tasks } from '../tasks/registry.ts'
import { cliErrors } from './errors.ts'

/** Every error that this Slipway can give, each code once, sorted by it. */
export const allErrors: readonly ErrorKind[] = sorted([
  ...kernelErrors,
  ...hostErrors,
  ...Object.values(io),
  ...Object.values(registry),
  keys.keyExists,
  ...keys.keyErrors,
  ...Object.values(tekton),
  ...pipelineErrors,
  ...cliErrors,
  ...tasks.flatMap(({ definition }) => definition.errors),
])

function sorted(kinds: readonly ErrorKind[]): readonly ErrorKind[] {
  return [...new Map(kinds.map((kind) => [kind.code, kind])).values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}
