import { type Draft, wholeFile } from '../cataloguer.ts'

/** apk's database of what is installed (apk-package(5)), in both places where it lies. */
export const apk = wholeFile({
  limit: 256 * 2 ** 20,
  wants: (path) => path === 'lib/apk/db/installed' || path === 'usr/lib/apk/db/installed',
  read: (bytes) => ({ packages: parseInstalled(bytes.toString('utf8')) }),
})

/** A paragraph for each package, `X:value` lines; those of its files follow and are of no matter here. */
export function parseInstalled(text: string): readonly Draft[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph)
    const [name, version] = [fields.get('P'), fields.get('V')]
    return name && version ? [draftOf(name, version, fields)] : []
  })
}

function fieldsOf(paragraph: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of paragraph.split('\n')) {
    const letter = line.slice(0, 1)
    // `F:` begins the files, whose fields repeat the letters.
    if (letter === 'F') break
    if (line[1] === ':') fields.set(letter, line.slice(2).trim())
  }
  return fields
}

function draftOf(name: string, version: string, fields: ReadonlyMap<string, string>): Draft {
  const [arch, origin, license] = [fields.get('A'), fields.get('o'), fields.get('L')]
  const [needs, provides] = [namesOf(fields.get('D')), namesOf(fields.get('p'))]
  return {
    type: 'apk',
    name,
    version,
    source: { name: origin || name, version },
    ...(arch === undefined ? {} : { arch }),
    licenses: license ? [license] : [],
    ...(needs.length === 0 ? {} : { needs }),
    ...(provides.length === 0 ? {} : { provides }),
  }
}

/** `so:libc.musl-x86_64.so.1 busybox>=1.36 !conflict`: names without versions; what must not be there is no need. */
function namesOf(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(/\s+/)
    .filter((one) => one !== '' && !one.startsWith('!'))
    .map((one) => one.replace(/[<>=~].*$/, ''))
}
