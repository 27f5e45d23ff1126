/** Programs that admit images, whose policies are written; `none` writes none. */
export const snippetChoices = ['none', 'kyverno', 'policy-controller', 'containers', 'all'] as const
export type SnippetChoice = (typeof snippetChoices)[number]
