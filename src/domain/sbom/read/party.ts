import type { RawContact, RawEntity } from './cyclonedx-schema.ts'
import { type Party, stated } from './document.ts'

/** Who is named in the ways of CycloneDX; those without a name are named by their address. */
export function partiesOf({
  authors = [],
  entities = [],
  names = [],
}: {
  readonly authors?: readonly RawContact[]
  readonly entities?: readonly (RawEntity | undefined)[]
  readonly names?: readonly (string | undefined)[]
}): readonly Party[] {
  return [
    ...entities.flatMap((one) => (one === undefined ? [] : party(one.name, contactOf(one)))),
    ...authors.flatMap(({ name, email }) => party(name, email)),
    ...names.flatMap((name) => (name === undefined ? [] : parseParty(name))),
  ]
}

/** A party in one text, as packages have it: `Name <mail>`, `Name (mail)`, `Name (https://…)`. */
export function parseParty(text: string): readonly Party[] {
  const [, name = '', contact] = /^([^<(]*)(?:[<(]([^<>()]*)[>)])?/.exec(text.trim()) ?? []
  const address = contact !== undefined && isAddress(contact) ? contact : undefined
  return party(address === undefined ? text.trim() : name.trim(), address)
}

function party(name: string | undefined, contact: string | undefined): readonly Party[] {
  const called = stated(name) ?? stated(contact)
  if (called === undefined) return []
  return [{ name: called, ...(contact !== undefined && isAddress(contact) ? { contact } : {}) }]
}

/** Of mail or of the web: formats take nothing else in its place, and authorities ask for one that answers. */
function isAddress(text: string): boolean {
  return /^(?:[^\s@]+@[^\s@]+|https?:\/\/\S+)$/i.test(text)
}

function contactOf({ url, contact }: RawEntity): string | undefined {
  const [first] = typeof url === 'string' ? [url] : (url ?? [])
  return stated(first) ?? contact.map(({ email }) => stated(email)).find((mail) => mail !== undefined)
}
