import { wholeFile } from '../cataloguer.ts'

const path = /^usr\/share\/doc\/([^/]+)\/copyright$/
const most = { names: 100, length: 200 } as const

/** Short names of Debian's format, beside those that are SPDX's own: versions end with `.0`, and `+` is any later one. */
const versioned = /^(a?gpl|lgpl|gfdl)-?v?(\d(?:\.\d)?)(\+?)$/i
const named: Readonly<Record<string, string>> = {
  expat: 'MIT',
  'apache-2': 'Apache-2.0',
  'bsd-2-clause': 'BSD-2-Clause',
  'bsd-3-clause': 'BSD-3-Clause',
  'bsd-4-clause': 'BSD-4-Clause',
  artistic: 'Artistic-1.0-Perl',
}

/** `copyright` of a package of Debian: the licences of its files (DEP 5), or else those of /usr/share/common-licenses that it points to. */
export const debianCopyright = wholeFile({
  limit: 8 * 2 ** 20,
  wants: (file) => path.test(file),
  read: (bytes, file) => {
    const licenses = declaredLicenses(bytes.toString('utf8'))
    return { packages: [], ...(licenses.length === 0 ? {} : { licensesOf: { package: path.exec(file)?.[1] ?? '', licenses } }) }
  },
})

/** Sorted, each once. What a text in full says is not told. */
export function declaredLicenses(text: string): readonly string[] {
  const found = /^Format(?:-Specification)?:/im.test(text.slice(0, 4096)) ? synopses(text) : references(text)
  return [...new Set(found)].toSorted().slice(0, most.names)
}

/** `License: GPL-2+ or Artistic`: the first line of the field. */
function synopses(text: string): readonly string[] {
  return [...text.matchAll(/^License:[ \t]*(\S.*)$/gim)].flatMap(([, written = '']) => {
    const synopsis = written.trim()
    return synopsis.length > most.length ? [] : [expressionOf(synopsis)]
  })
}

/** As an SPDX expression where each name in it is known, else as it is. */
function expressionOf(synopsis: string): string {
  if (!/^\S+(?: (?:and|or) \S+)*$/i.test(synopsis)) return synopsis
  return synopsis
    .split(' ')
    .map((word, place) => (place % 2 === 1 ? word.toUpperCase() : identifierOf(word)))
    .join(' ')
}

function identifierOf(name: string): string {
  const [, family = '', version = '', later] = versioned.exec(name) ?? []
  if (family === '') return named[name.toLowerCase()] ?? name
  return `${family.toUpperCase()}-${version.includes('.') ? version : `${version}.0`}-${later === '+' ? 'or-later' : 'only'}`
}

function references(text: string): readonly string[] {
  return [...text.matchAll(/\/usr\/share\/common-licenses\/([A-Z][A-Za-z0-9.-]*[A-Za-z0-9])/g)].flatMap(([, name]) => name ?? [])
}
