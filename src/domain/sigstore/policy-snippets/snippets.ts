import type { SnippetChoice } from './choices.ts'
import { containersPolicies } from './containers.ts'
import { kyvernoPolicies } from './kyverno.ts'
import { policyControllerPolicies } from './policy-controller.ts'
import type { SignedWith, Snippets } from './signed.ts'

const makers = { kyverno: kyvernoPolicies, 'policy-controller': policyControllerPolicies, containers: containersPolicies } as const

/** Policies that ask for exactly what was signed: its format, its signer, its log. What a program cannot check is said. */
export function policySnippets(signed: SignedWith, choice: SnippetChoice): Snippets {
  const made = Object.entries(makers)
    .filter(([name]) => choice === 'all' || choice === name)
    .map(([, make]) => make(signed))
  return { snippets: made.flatMap(({ snippets }) => snippets), lacking: made.flatMap((one) => one.lacking) }
}
