import { containersPolicies } from './containers.ts'
import { kyvernoPolicies } from './kyverno.ts'
import { policyControllerPolicies } from './policy-controller.ts'
import type { SignedWith, Snippets } from './signed.ts'

/** Programs that admit images, whose policies are written; `none` writes none. */
export const snippetChoices = ['none', 'kyverno', 'policy-controller', 'containers', 'all'] as const
export type SnippetChoice = (typeof snippetChoices)[number]

const makers = { kyverno: kyvernoPolicies, 'policy-controller': policyControllerPolicies, containers: containersPolicies } as const

/** Policies that ask for exactly what was signed: its format, its signer, its log. What a program cannot check is said. */
export function policySnippets(signed: SignedWith, choice: SnippetChoice): Snippets {
  const made = Object.entries(makers)
    .filter(([name]) => choice === 'all' || choice === name)
    .map(([, make]) => make(signed))
  return { snippets: made.flatMap(({ snippets }) => snippets), lacking: made.flatMap((one) => one.lacking) }
}
