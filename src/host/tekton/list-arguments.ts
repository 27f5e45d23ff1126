import { kebab } from '../../base/names.ts'
import type { Definition } from '../../spec/define.ts'
import { listAmbiguous } from '../errors.ts'

/**
 * The lists in a step's arguments: `--list=tags 1.0 latest --list=labels a=b`, each up to the next marker or the end.
 *
 * Items are data of others and could equal a marker. The emitter places each marker once, in the order of the inputs, and
 * nothing can take one away; so a marker that comes twice, or out of order, has been forged by an item, and is refused.
 * Where each comes once, all are the emitter's own.
 * @throws SW-INPUT-AMBIGUOUS
 */
export function listArguments(definition: Definition, argv: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const markers = new Map(listNames(definition).map((name) => [`--list=${name}`, name]))
  const found = argv.flatMap((argument, place) => (markers.has(argument) ? [{ name: markers.get(argument) ?? '', place }] : []))
  refuseForged(
    found.map(({ name }) => name),
    [...markers.values()],
  )
  return new Map(found.map(({ name, place }, index) => [name, argv.slice(place + 1, found[index + 1]?.place)]))
}

function listNames(definition: Definition): string[] {
  const lists = Object.entries(definition.inputs).filter(([, input]) => input.kind.hosts.tekton === 'array')
  return lists.map(([name]) => kebab(name))
}

function refuseForged(found: readonly string[], declared: readonly string[]): void {
  const wrong = found.find((name, index) => index > 0 && declared.indexOf(name) <= declared.indexOf(found[index - 1] ?? ''))
  if (wrong === undefined) return
  throw listAmbiguous(
    `The marker \`--list=${wrong}\` stands where it cannot: an item of a list equals it, or the arguments are not those of the generated Task. Expected each of ${declared.map((name) => `\`--list=${name}\``).join(', ')} at most once, in this order.`,
    { hint: `remove the item \`--list=${wrong}\`` },
  )
}
