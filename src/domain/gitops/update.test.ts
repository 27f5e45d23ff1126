import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Address, MarkerAddress, Part } from './address.ts'
import { gitopsFile, gitopsTarget } from './errors.ts'
import { parseMarker } from './marker.ts'
import { updateImage } from './update.ts'

const digest = `sha256:${'a'.repeat(64)}` as const
const image = { name: 'harbor.example.com/team/app', tag: '1.4.0', digest }
const version = `1.4.0@${digest}`
const reference = `harbor.example.com/team/app:${version}`
const update = (source: string, address: Address | MarkerAddress): string =>
  updateImage(source, address, { image, where: 'file.yaml' }).text

const app: Address = { kind: 'kustomize', image: 'app' }
const web: Address = { kind: 'manifest', resource: { kind: 'Deployment', name: 'web' }, container: 'app' }
const helm = (path: string): Address => ({ kind: 'helm', path: path.split('.') })

describe('a kustomization', () => {
  test.each<[string, string, string]>([
    [
      'has tag and digest set, and keeps what is written around them',
      'resources: [a.yaml] # all\nimages:\n  - name: app   # ours\n    newName: harbor.example.com/team/app\n    newTag: "1.3.0"\n    digest: sha256:old # pinned\n',
      `resources: [a.yaml] # all\nimages:\n  - name: app   # ours\n    newName: harbor.example.com/team/app\n    newTag: "1.4.0"\n    digest: ${digest} # pinned\n`,
    ],
    [
      'gets what it lacks, at the same depth',
      'images:\n- name: app # ours\n- name: other\n',
      `images:\n- name: app # ours\n  newName: harbor.example.com/team/app\n  newTag: 1.4.0\n  digest: ${digest}\n- name: other\n`,
    ],
    [
      'gets it with its line ends, also on its last line',
      'images:\r\n  - newTag: 1.0.0\r\n    name: app\r\n    newName: x/y',
      `images:\r\n  - newTag: 1.4.0\r\n    digest: ${digest}\r\n    name: app\r\n    newName: harbor.example.com/team/app`,
    ],
    [
      'gets it in braces',
      "images: [{name: 'app', newTag: '1'}, {name: b}]\n",
      `images: [{name: 'app', newName: harbor.example.com/team/app, newTag: '1.4.0', digest: "${digest}"}, {name: b}]\n`.replace(
        `"${digest}"`,
        digest,
      ),
    ],
    [
      'gets it as JSON',
      '{"images":[{"name":"app"}]}',
      `{"images":[{"name":"app", "newName": "harbor.example.com/team/app", "newTag": "1.4.0", "digest": "${digest}"}]}`,
    ],
    [
      'fills what is empty',
      'images:\n  - name: app\n    newName:\n    newTag: ~\n    digest:   # none\n',
      `images:\n  - name: app\n    newName: harbor.example.com/team/app\n    newTag: 1.4.0\n    digest: ${digest}   # none\n`,
    ],
  ])('%s', (_, source, expected) => {
    expect(update(source, app)).toBe(expected)
  })

  test('needs no new name where it has the image under its own', () => {
    const address: Address = { kind: 'kustomize', image: image.name }
    expect(update(`images:\n  - name: ${image.name}\n`, address)).toBe(
      `images:\n  - name: ${image.name}\n    newTag: 1.4.0\n    digest: ${digest}\n`,
    )
  })
})

describe('values of a chart', () => {
  test.each<[string, string, string, string]>([
    [
      'a map with a digest',
      'image',
      'image:\n  repository: x/y\n  tag: v1\n  digest: ""\n',
      `image:\n  repository: ${image.name}\n  tag: 1.4.0\n  digest: "${digest}"\n`,
    ],
    [
      'one without: the tag takes it',
      'web.image',
      'web: {image: {repository: x, tag: 1.10}}\n',
      `web: {image: {repository: ${image.name}, tag: ${version}}}\n`,
    ],
    [
      'one with a registry apart',
      'image',
      'image:\n  registry: docker.io\n  repository: x/y\n  tag: latest\n',
      `image:\n  registry: harbor.example.com\n  repository: team/app\n  tag: ${version}\n`,
    ],
    ['the tag alone', 'image.tag', 'image: { tag: "1" }', `image: { tag: "${version}" }`],
    ['the digest alone', 'image.digest', "image: { digest: '' }", `image: { digest: '${digest}' }`],
    ['a whole reference', 'job.image', 'job:\n  image: busybox/busybox:1 # x\n', `job:\n  image: ${reference} # x\n`],
    [
      'an item of a list',
      'sidecars.1.image',
      'sidecars:\n  - image: a/b\n  - image: a/b\n',
      `sidecars:\n  - image: a/b\n  - image: ${reference}\n`,
    ],
    ['a reference without a registry', 'image', 'image: busybox:1\n', `image: ${reference}\n`],
    ['a reference that is none yet', 'web.image', 'web: {image: null}\n', `web: {image: ${reference}}\n`],
    ['the tag of a file that is JSON', 'image.tag', '{"image": {"tag": null, "n": 1}}', `{"image": {"tag": "${version}", "n": 1}}`],
    ['where an anchor stands', 'image.tag', 'image:\n  tag: &tag v1\nother: *tag\n', `image:\n  tag: &tag ${version}\nother: *tag\n`],
  ])('%s', (_, path, source, expected) => {
    expect(update(source, helm(path))).toBe(expected)
  })
})

describe('a manifest', () => {
  const pod = (indent: string, value: string): string =>
    ['spec:', '  containers:', '    - name: other', '      image: a/b', '    - name: app', `      image: ${value}`]
      .map((line) => indent + line)
      .join('\n')
  const deployment = (name: string, value: string): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  template:\n${pod('    ', value)}\n`

  test.each<[string, string, string, Address]>([
    [
      'the container of one among several documents',
      `# all\n${deployment('web', 'a:1')}---\n${deployment('db', 'a:1')}`,
      `# all\n${deployment('web', reference)}---\n${deployment('db', 'a:1')}`,
      web,
    ],
    [
      'a CronJob',
      `kind: CronJob\nmetadata: {name: job}\nspec:\n  jobTemplate:\n    spec:\n      template:\n${pod('        ', '"a:1"')}`,
      `kind: CronJob\nmetadata: {name: job}\nspec:\n  jobTemplate:\n    spec:\n      template:\n${pod('        ', `"${reference}"`)}`,
      { kind: 'manifest', resource: { kind: 'CronJob', name: 'job' }, container: 'app' },
    ],
    [
      'a Pod in a List, as JSON with tabs',
      '{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"p","namespace":"a"},"spec":\n\t{"initContainers":[{"name":"app","image":"a"}]}}]}',
      `{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"p","namespace":"a"},"spec":\n\t{"initContainers":[{"name":"app","image":"${reference}"}]}}]}`,
      { kind: 'manifest', resource: { kind: 'Pod', name: 'p', namespace: 'a' }, container: 'app' },
    ],
  ])('%s', (_, source, expected, address) => {
    expect(update(source, address)).toBe(expected)
  })
})

test.each<[Extract<Address, { kind: 'pointer' }>['part'], string]>([
  ['reference', reference],
  ['version', version],
  ['repository', image.name],
  ['tag', '1.4.0'],
  ['digest', digest],
])('a pointer takes the %s', (part, text) => {
  expect(update('{"a": {"b": ["x", "y"]}}', { kind: 'pointer', path: ['a', 'b', '1'], part } as Address)).toBe(
    `{"a": {"b": ["x", "${text}"]}}`,
  )
})

describe('a marker', () => {
  const marked = (pattern: string, part: Part = 'reference'): MarkerAddress => ({ kind: 'marker', marker: parseMarker(pattern), part })

  test.each<[string, string, MarkerAddress, string]>([
    [
      'in any file',
      'FROM alpine:3\r\nFROM x/app:1 AS app\r\n',
      marked('^FROM {image} AS app'),
      `FROM alpine:3\r\nFROM ${reference} AS app\r\n`,
    ],
    [
      'by a remark behind it',
      'a = "v1" # other\nb = "v1" # app\n',
      marked('"{image}" # app', 'version'),
      `a = "v1" # other\nb = "${version}" # app\n`,
    ],
    ['by a regular expression', "local v = 'v1', w = 'v2';", marked("w\\.?\\d* = '{image}'", 'digest'), `local v = 'v1', w = '${digest}';`],
  ])('%s', (_, source, address, expected) => {
    expect(update(source, address)).toBe(expected)
  })

  test.each<[string, () => unknown, RegExp]>([
    ['no place', () => update('a: b', marked('x: {image}')), /no place of the marker/],
    ['two places', () => update('a: b\na: c', marked('a: {image}')), /2 places/],
    ['no hole', () => parseMarker('image: .*'), /has 0 of \{image\}/],
    ['a reference', () => parseMarker('(a)\\1{image}'), /is not used here/],
  ])('with %s is refused', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: gitopsTarget.code, message: expect.stringMatching(message) }))
  })

  test('that would have others try forever takes no longer than its length', () => {
    expect(() => update(`${'a'.repeat(5000)} x\n`, marked('(a+)+!{image}'))).toThrow(expect.objectContaining({ code: gitopsTarget.code }))
  })
})

test('what says so already stays as it is, however it is written', () => {
  const source = `images:\n  - { name: app, newName: 'harbor.example.com/team/app', newTag: "1.4.0", digest: "\\x73ha256:${'a'.repeat(64)}" }\n`
  expect(updateImage(source, app, { image, where: 'k.yaml' })).toMatchObject({ text: source, isChanged: false })
})

describe('an image without a tag', () => {
  const bare = { name: image.name, digest }
  const updateBare = (source: string, address: Address): string => updateImage(source, address, { image: bare, where: 'f' }).text

  test('leaves no tag of another one in a kustomization', () => {
    expect(updateBare(`images:\n  - name: ${image.name}\n    newTag: 1.3.0\n`, { kind: 'kustomize', image: image.name })).toBe(
      `images:\n  - name: ${image.name}\n    newTag: ""\n    digest: ${digest}\n`,
    )
  })

  test('is a reference all the same where a chart puts the repository before it', () => {
    expect(updateBare('image: {tag: v1}', helm('image.tag'))).toBe(`image: {tag: latest@${digest}}`)
  })

  test('is refused where a tag is meant', () => {
    expect(() => updateBare('a: v1', { kind: 'pointer', path: ['a'], part: 'tag' })).toThrow(
      expect.objectContaining({ code: gitopsTarget.code, hint: 'Set `tag`.' }),
    )
  })
})

test.each<[string, string, Address, string, RegExp]>([
  ['no such image', 'images: [{name: web}]', app, gitopsTarget.code, /no images: app, but web/],
  ['two of them', 'images: [{name: app}, {name: app}]', app, gitopsTarget.code, /has 2 of images: app/],
  [
    'no such container',
    'kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: x, image: y}]}}}',
    web,
    gitopsTarget.code,
    /but container x/,
  ],
  ['an alias', 'a: &x v\nimage: {tag: *x}', helm('image.tag'), gitopsTarget.code, /is \*x, which other places share/],
  ['several lines', 'image:\n  tag: |\n    v1\n', helm('image.tag'), gitopsTarget.code, /several lines/],
  ['a list', 'image: [a]', helm('image'), gitopsTarget.code, /is a list/],
  ['a chart without a tag', 'image: {repository: x}', helm('image'), gitopsTarget.code, /has no tag/],
  ['no YAML', 'a: [', helm('a'), gitopsFile.code, /line 1/],
  ['a key twice in one map', 'image:\n  tag: a\n  tag: b\n', helm('image.tag'), gitopsFile.code, /line 3: the key tag is there twice/],
  ['a key twice at its top', 'image: {tag: a}\n"im\\x61ge": {tag: b}\n', helm('image.tag'), gitopsFile.code, /line 2/],
  ['a key twice elsewhere, as JSON', '{"a": {"b": 1, "b": 2}, "image": "x"}', helm('image'), gitopsFile.code, /the key b/],
  [
    'fields of a merge, which would stay',
    'd: &d {digest: sha256:old}\nimage:\n  <<: *d\n  repository: x\n  tag: v1\n',
    helm('image'),
    gitopsTarget.code,
    /image has fields of a merge/,
  ],
  ['a tag of YAML and no value', 'image:\n  tag: !!str\n', helm('image.tag'), gitopsTarget.code, /would not stay in its place/],
  ['an anchor and no value', 'image:\n  tag: &a\n', helm('image.tag'), gitopsTarget.code, /would not stay in its place/],
  ['a key without a colon', 'image: {tag, digest: x}\n', helm('image.tag'), gitopsTarget.code, /would not stay in its place/],
  ['a key of its own line without a colon', 'image:\n  ? tag\n', helm('image.tag'), gitopsTarget.code, /would not stay in its place/],
  ['depth', '['.repeat(5000), helm('a'), gitopsFile.code, /line 1/],
])('a file with %s is refused', (_, source, address, code, message) => {
  expect(() => update(source, address)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
})

describe('500 generated files', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/)
  const comment = fc.oneof(fc.constant(''), fc.stringMatching(/^ +# [ -~🚀é\t]{0,20}$/u))
  const filler = fc.oneof(
    fc.tuple(word, fc.integer(), comment).map(([key, value, end]) => `x-${key}: ${value}${end}`),
    fc.tuple(word, comment).map(([key, end]) => `x-${key}: &${key}-a "it's: #1"${end}`),
    fc.tuple(word, word).map(([key, value]) => `x-${key}:\n  - {a: ${value}, "b":[1, 2]}\n  - |\n    image: not this\n\n    tag: 1`),
    comment.map((text) => text.trimStart()),
    fc.constant(''),
  )
  const quotes = fc.constantFrom('', '"', "'")
  const file = fc.record({
    ...{ before: fc.array(filler, { maxLength: 6 }), after: fc.array(filler, { maxLength: 6 }), quote: quotes, end: comment },
    ...{
      eol: fc.constantFrom('\n', '\r\n'),
      bom: fc.boolean(),
      isLast: fc.boolean(),
      documents: fc.boolean(),
      depth: fc.integer({ min: 1, max: 8 }),
    },
  })

  /** Two keys of one name would be two places. */
  const distinct = (lines: readonly string[], mark: string): string[] =>
    lines.map((line, at) => line.replace(/^x-([^:]*)/, `x-$1-${mark}${at}`))

  test('change in the addressed letters and nowhere else', () => {
    fc.assert(
      fc.property(file, ({ before, after, quote, end, eol, bom, isLast, documents, depth }) => {
        const text = (value: string): string => {
          const lines = [
            ...(documents ? ['# head', '---'] : []),
            ...distinct(before, 'b'),
            'image:',
            `${' '.repeat(depth)}repository: &r ${quote}harbor.example.com/team/app${quote}`,
            `${' '.repeat(depth)}tag: ${quote}${value}${quote}${end}`,
            ...(isLast ? [] : distinct(after, 'a')),
          ]
          return (bom ? '\u{FEFF}' : '') + lines.join('\n').replaceAll('\n', eol)
        }
        expect(update(text('v1'), helm('image'))).toBe(text(version))
        expect(update(text('v1'), helm('image.tag'))).toBe(text(version))
      }),
      { numRuns: 500 },
    )
  })
})
