/**
 * Kubernetes' own `$(NAME)` in `env`, `command` and `args` (k8s.io/kubernetes third_party/forked/golang/expansion): what is not
 * defined stays as it is, and every `$$` becomes `$`, whatever follows it.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  let expanded = ''
  for (let at = 0; at < text.length; ) {
    const next = text[at + 1]
    const end = next === '(' ? text.indexOf(')', at + 2) : -1
    if (text[at] !== '$' || next === undefined) {
      expanded += text[at]
      at += 1
    } else if (next === '$') {
      expanded += '$'
      at += 2
    } else if (end < 0) {
      expanded += `$${next}`
      at += 2
    } else {
      const name = text.slice(at + 2, end)
      expanded += variables.get(name) ?? `$(${name})`
      at = end + 1
    }
  }
  return expanded
}

export interface Variable {
  readonly name: string
  readonly value: string
  /** Whether it comes from `valueFrom`, which is never expanded. */
  readonly verbatim?: boolean
}

/** The environment of a container (kubelet_pods.go, makeEnvironmentVariables): each value sees those before it, and the services. */
export function containerEnvironment(variables: readonly Variable[], services: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const known = new Map(services)
  for (const { name, value, verbatim = false } of variables) known.set(name, verbatim ? value : expand(value, known))
  return known
}
