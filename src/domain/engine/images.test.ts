import { expect, test } from '@jest/globals'
import { formatReference } from '../../base/reference.ts'
import { imagesNamed } from './images.ts'
import { stagesOf } from './stages.ts'

const r = 'r.example.com'

test.each<[string, string, readonly string[], (readonly string[])?]>([
  ['a base', `FROM ${r}/node:24`, [`${r}/node:24`]],
  ['a base by its digest', `FROM ${r}/node@sha256:${'0'.repeat(64)}`, [`${r}/node@sha256:${'0'.repeat(64)}`]],
  ['the bases of all stages, each once', `FROM ${r}/a AS one\nFROM ${r}/b\nFROM ${r}/a`, [`${r}/a`, `${r}/b`]],
  ['a base that is an argument', `ARG BASE=${r}/a\nFROM $BASE`, [`${r}/a`]],
  ['no argument without a value', 'ARG BASE\nFROM $BASE', []],
  [
    'no stage, scratch or name without a registry',
    'FROM scratch AS one\nFROM one\nFROM node:24\nCOPY --from=one / /\nCOPY --from=0 / /',
    [],
  ],
  ['what COPY takes from', `FROM scratch\nCOPY --chown=1:1 --from=${r}/tools /bin /bin`, [`${r}/tools`]],
  ['what RUN mounts', `FROM scratch\nRUN --mount=type=bind,from=${r}/tools,target=/t --mount=type=cache,target=/c true`, [`${r}/tools`]],
  ['the frontend', `# escape=\\\n# Syntax = ${r}/dockerfile:1\nFROM scratch`, [`${r}/dockerfile:1`]],
  ['no frontend after the first lines', `FROM scratch\n# syntax=${r}/dockerfile:1`, []],
  ['no frontend after a remark', `# a remark\n# syntax=${r}/dockerfile:1\nFROM scratch`, []],
  ['caches at registries', 'FROM scratch', [`${r}/cache`, `${r}/c:x`], [`${r}/cache`, `type=registry,ref=${r}/c:x,mode=max`, 'type=gha']],
])('a build names %s', (_, text, expected, caches = []) => {
  expect(imagesNamed(stagesOf(text), { text, caches }).map(formatReference)).toEqual(expected)
})
