import type { Secrets } from '../../domain/harbor/project/kind.ts'
import type { Context } from '../../spec/define.ts'
import { harborProjectUnsaid } from './errors.ts'

/** The input `secrets` by name; each value is hidden from then on. A value has no line end in it. @throws SW-HARBOR-PROJECT-INPUT */
export function secretsIn(text: string | undefined, { secrets }: Context<never>): Secrets {
  const named = new Map<string, string>()
  for (const [place, line] of (text ?? '').split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, name, value] = /^\s*(\w{1,100})=(.+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      const message = `Line ${place + 1} of \`secrets\` is not what it should be, expected NAME=value.`
      throw harborProjectUnsaid(message, { hint: 'A name has letters, digits and _; a value has no line end.' })
    }
    secrets.mask(value)
    named.set(name, value)
  }
  return named
}
