import { type Draft, wholeFile } from '../cataloguer.ts'

/** The specification of an installed gem, which RubyGems writes as Ruby; only plain texts in it are read. */
export const gem = wholeFile({
  limit: 4 * 2 ** 20,
  wants: (path) => /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/.test(path),
  read: (bytes) => {
    const found = draftOf(bytes.toString('utf8'))
    return found === undefined ? { packages: [], unscannable: 'it is a gemspec without a plain name and version' } : { packages: [found] }
  },
})

function draftOf(text: string): Draft | undefined {
  const [name, version] = [assigned(text, 'name'), assigned(text, 'version')]
  if (name === undefined || version === undefined) return undefined
  const licenses = /\.licenses\s*=\s*\[([^\][]*)\]/.exec(text)?.[1] ?? ''
  const platform = assigned(text, 'platform')
  const needs = [...text.matchAll(/\.add_(?:runtime_)?dependency\(\s*%q<([^<>]+)>/g)].flatMap(([, one]) => one ?? [])
  return {
    type: 'gem',
    name,
    version,
    licenses: [...licenses.matchAll(/["']([^"']+)["']/g)].flatMap(([, one]) => one ?? []),
    ...(platform === undefined || platform === 'ruby' ? {} : { qualifiers: { platform } }),
    ...(needs.length === 0 ? {} : { needs: [...new Set(needs)] }),
  }
}

/** `s.name = "rake".freeze`, `s.version = Gem::Version.new("1.0")`. */
function assigned(text: string, field: string): string | undefined {
  return new RegExp(`^[ \\t]*\\w+\\.${field}\\s*=\\s*(?:Gem::(?:Version|Platform)\\.new\\(?\\s*)?["']([^"']+)["']`, 'm').exec(text)?.[1]
}
