/** The values of the input `format`. */
export const formatChoices = ['auto', 'bundle', 'legacy', 'both'] as const
