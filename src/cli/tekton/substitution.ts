export type ParamValue = string | readonly string[]
export type Params = Readonly<Record<string, ParamValue>>

/** What stands for what in one pass of the controller. */
export interface Replacements {
  readonly strings: ReadonlyMap<string, string>
  readonly arrays: ReadonlyMap<string, readonly string[]>
}

/** Replaces `$(key)`; all at once, so that what comes in is not replaced again in the same pass (pkg/substitution). */
export function substitute(text: string, { strings }: Replacements): string {
  return text.replace(/\$\(([^()$]*)\)/g, (whole, key: string) => strings.get(key) ?? whole)
}

/** An element of `command` or `args`: one that is nothing but an array becomes its items, none at all for an empty one. */
export function substituteElement(text: string, replacements: Replacements): readonly string[] {
  const [, key = ''] = /^\$\((.*)\)$/s.exec(text) ?? []
  return replacements.arrays.get(key.replace(/\[\*\]$/, '')) ?? [substitute(text, replacements)]
}

/** The spellings of a parameter that the controller knows (pkg/reconciler/taskrun/resources/apply.go, paramPatterns). */
export function paramReplacements(params: Params): Replacements {
  const strings = new Map<string, string>()
  const arrays = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(params)) {
    for (const spelling of [`params.${name}`, `params["${name}"]`, `params['${name}']`, `inputs.params.${name}`]) {
      if (typeof value === 'string') strings.set(spelling, value)
      else arrays.set(spelling, value)
      if (typeof value !== 'string') for (const [index, item] of value.entries()) strings.set(`${spelling}[${index}]`, item)
    }
  }
  return { strings, arrays }
}

export function stringReplacements(entries: Iterable<readonly [string, string]>): Replacements {
  return { strings: new Map(entries), arrays: new Map() }
}
