/** The parts of a package URL, as they are meant: not encoded. */
export interface PurlParts {
  readonly type: string
  /** Segments are separated by `/`. */
  readonly namespace?: string | undefined
  readonly name: string
  readonly version?: string | undefined
  /** Those without a value are left out. */
  readonly qualifiers?: Readonly<Record<string, string | undefined>>
}

/** A package URL in its canonical form (ECMA-427 §5.6): qualifiers sorted by name, only `A-Z a-z 0-9 . - _ ~ :` unencoded. */
export function purlOf({ type, namespace, name, version, qualifiers = {} }: PurlParts): string {
  const place = [...(namespace ?? '').split('/').filter((part) => part !== ''), name].map(encoded).join('/')
  const pairs = Object.entries(qualifiers)
    .filter(([, value]) => value !== undefined && value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key.toLowerCase()}=${encoded(value ?? '')}`)
  return `pkg:${type}/${place}${version ? `@${encoded(version)}` : ''}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

/** The same package URL without its qualifiers and subpath. */
export function barePurl(purl: string): string {
  return purl.replace(/[?#].*$/s, '')
}

function encoded(text: string): string {
  const whole = text.toWellFormed()
  return encodeURIComponent(whole)
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':')
}
