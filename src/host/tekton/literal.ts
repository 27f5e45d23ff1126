import type { RawInputs } from '../../spec/parse-inputs.ts'
import type { Log } from '../../spec/ports.ts'

const wrapped = /^\$\(literal:(.*)\)$/s

/**
 * The values of the generated Tasks without their wrapping, `$(literal:VALUE)`: a reference to a variable that does not exist, which
 * Kubernetes leaves as it is, `$$` and `$(NAME)` within included. The reference ends with the first `)`: behind one in the value itself
 * Kubernetes reads `$$` as `$`, and nobody can tell any more which of them was given. (k8s.io/kubernetes/third_party/forked/golang/expansion)
 */
export function unwrapLiterals(inputs: RawInputs, log: Log): RawInputs {
  return new Map(
    [...inputs].map(([name, raw]) => {
      const value = typeof raw === 'string' ? wrapped.exec(raw)?.[1] : undefined
      if (value === undefined) return [name, raw]
      if (value.includes(')') && value.includes('$', value.indexOf(')')))
        log.warn('behind a ")" Kubernetes reads "$$" in a parameter as "$"', { input: name })
      return [name, value]
    }),
  )
}
