import { describe, expect, it, test } from '@jest/globals'
import { hintsOf } from './hints.ts'
import { baseOfStages, stagesOf } from './stages.ts'

const titles = (text: string, buildArgs = {}): readonly string[] =>
  hintsOf(stagesOf(text, buildArgs)).map(({ line, title }) => `${line} ${title}`)

const pinned = `docker.io/library/node:24@sha256:${'0'.repeat(64)}`

describe('remarks on a Dockerfile', () => {
  test.each<[string, readonly string[], Record<string, string>?]>([
    [`FROM ${pinned}\nUSER 65532`, []],
    ['FROM scratch\nUSER nonroot:nonroot', []],
    ['FROM alpine\nUSER 1', ['1 Base without a version']],
    ['FROM alpine:latest\nUSER 1', ['1 Base without a version']],
    ['FROM localhost:5000/alpine\nUSER 1', ['1 Base without a version']],
    ['FROM alpine:3.20\nUSER 1', ['1 Base without a digest']],
    ['FROM alpine:3.20 AS a\nFROM alpine:3.20\nUSER 1', ['1 Base without a digest']],
    ['ARG BASE=alpine:3.20\nFROM $BASE\nUSER 1', ['2 Base without a digest']],
    ['ARG BASE=alpine:3.20\nFROM $BASE\nUSER 1', [], { BASE: pinned }],
    ['ARG BASE\nFROM $BASE\nUSER 1', []],
    [`FROM $${'{BASE:-alpine:3.20}'}\nUSER 1`, ['1 Base without a digest']],
    [`FROM ${pinned} AS Build\nRUN true\nFROM build\nUSER 1`, []],
    [`FROM ${pinned}`, ['1 No user']],
    [`FROM ${pinned}\nUSER 0:0`, ['2 Runs as root']],
    [`FROM ${pinned}\nUSER 1\nUSER root`, ['3 Runs as root']],
    [`FROM ${pinned} AS base\nUSER 1\nFROM base\nRUN true`, []],
    [`FROM ${pinned} AS base\nUSER 1\nFROM scratch\nCOPY --from=base / /`, ['3 No user']],
    [`FROM ${pinned}\nADD https://example.com/a.tar /a\nUSER 1`, ['2 Download without a checksum']],
    [`FROM ${pinned}\nADD --checksum=sha256:${'0'.repeat(64)} https://example.com/a /a\nADD a.tar /b\nUSER 1`, []],
    [
      `FROM ${pinned}\nARG NPM_TOKEN\nENV A=1 DB_PASSWORD=x\nENV TOKEN_FILE=/run/t\nUSER 1`,
      ['2 Secret in the image', '3 Secret in the image'],
    ],
    [`FROM ${pinned}\nRUN <<EOF\nUSER root\nADD https://x /\nEOF\nUSER 1`, []],
    ['', []],
    ['# only a comment', []],
  ])('%j', (text, ...[expected, buildArgs]) => expect(titles(text, buildArgs)).toEqual(expected))

  it('never repeats the value of a secret', () => {
    expect(JSON.stringify(hintsOf(stagesOf('FROM a\nENV DB_PASSWORD=correct-horse')))).not.toContain('correct-horse')
  })
})

describe('the base in the end', () => {
  const three = `ARG V=1\nFROM r.example.com/a:$V AS one\nFROM one AS two\nFROM r.example.com/b@sha256:${'b'.repeat(64)}`
  test.each<[string, string | undefined, Record<string, string>, string | undefined]>([
    [three, undefined, {}, `r.example.com/b@sha256:${'b'.repeat(64)}`],
    [three, 'TWO', {}, 'r.example.com/a:1'],
    [three, '0', { V: '2' }, 'r.example.com/a:2'],
    [three, 'none', {}, undefined],
    [`FROM r.example.com/b:1@sha256:${'b'.repeat(64)}`, undefined, {}, `r.example.com/b@sha256:${'b'.repeat(64)}`],
    ['FROM scratch', undefined, {}, undefined],
    ['FROM alpine:3.20', undefined, {}, undefined],
    ['ARG B\nFROM r.example.com/$B', undefined, { B: 'b:1' }, 'r.example.com/b:1'],
  ])('%j, target %j, %j', (text, target, buildArgs, expected) => expect(baseOfStages(stagesOf(text, buildArgs), target)).toBe(expected))
})
