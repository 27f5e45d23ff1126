import type { PurlParts } from '../../packages/purl.ts'

/** The parts of a package URL (ECMA-427 §5); undefined when it is none. The subpath is dropped. */
export function parsePurl(purl: string): (PurlParts & { readonly qualifiers: Readonly<Record<string, string>> }) | undefined {
  const [, type, path, version, query = ''] =
    /^pkg:\/*([A-Za-z][A-Za-z0-9.+-]*)\/+([^?#]+?)(?:@([^@/?#]*))?(?:\?([^#]*))?(?:#.*)?$/s.exec(purl) ?? []
  if (type === undefined || path === undefined) return undefined
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent)
    const name = segments.pop()
    if (name === undefined) return undefined
    const pairs = query.split('&').flatMap((pair) => {
      const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? []
      return key === undefined || value === undefined ? [] : [[key.toLowerCase(), decodeURIComponent(value)] as const]
    })
    return {
      ...{ type: type.toLowerCase(), name, qualifiers: Object.fromEntries(pairs) },
      ...(segments.length === 0 ? {} : { namespace: segments.join('/') }),
      ...(version === undefined || version === '' ? {} : { version: decodeURIComponent(version) }),
    }
  } catch {
    return undefined
  }
}
