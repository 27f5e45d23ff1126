import { formatBytes, formatCount } from '../../base/bytes.ts'
import { formatDuration } from '../../base/duration.ts'
import { sections as all, type Section, type Sections } from '../../spec/record/record.ts'

/** What is known of a release: each section absent until its task has written it. */
export type Known = { readonly [S in Section]?: Sections[S] }

/** Lines that tell a section, the most telling part first. */
const tellers: { readonly [S in Section]: (section: Sections[S]) => readonly string[] } = {
  source: ({ url, ref, commit, signer }) => [joined(url, ref, commit, signer && `signed by ${signer}`)],
  tests: (tests) => [
    joined(counts(tests), tests.coverage === undefined ? '' : `coverage ${tests.coverage} %`, formatDuration(tests.duration)),
  ],
  subject: ({ digest, platforms, base, revision }) => [
    joined(digest, base && `on ${base.name}`, revision && `of ${revision}`),
    ...platforms.map(({ platform, size, digest: one }) => joined(platform, formatBytes(size), one)),
  ],
  pushes: (pushes) => pushes.map(({ image, digest, tags }) => joined(`${image}@${digest}`, tags.join(', '))),
  tags: (moved) => moved.map(({ image, digest, tags }) => joined(tags.join(', '), `${image}@${digest}`)),
  sboms: (sboms) => sboms.map(({ format, platform, packages, path }) => joined(format, platform, countOf(packages, 'package'), path)),
  findings: ({ verdict, severities, databaseDate }) => [
    joined(verdict, severityText(severities), databaseDate && `data of ${databaseDate}`),
  ],
  signatures: (signatures) => signatures.map(({ image, format, identity, log }) => joined(image, format, identity, log)),
  attestations: (attestations) => attestations.map(({ image, predicateType, identity }) => joined(predicateType, image, identity)),
  verifications: (verifications) => verifications.map(({ verdict, image, reasons }) => joined(verdict, image, reasons.join('; '))),
  promotions: (promotions) => promotions.map(({ from, to, digest, tags }) => joined(`${from} → ${to}`, digest, tags.join(', '))),
  gitops: ({ repository, branch, commit, pullRequest }) => [joined(repository, branch, commit, pullRequest)],
  deployment: ({ result, application, revision, health, url }) => [joined(result, application, health, revision, url)],
  gate: ({ verdict, burnRates }) => [joined(verdict, ...Object.entries(burnRates).map(([name, rate]) => `${name} ${rate}`))],
  rollout: ({ result, waves }) => [result, ...waves.map(({ name, done, failed }) => joined(name, `${done} done`, `${failed} failed`))],
  preview: ({ url, namespace, expires }) => [joined(url, namespace, expires && `until ${expires}`)],
  catalog: (images) => images.map(({ name, source, image, digest }) => joined(name, `from ${source}`, `${image}@${digest}`)),
  mesh: ({ verdict, report }) => [joined(verdict, report)],
}

/** The sections that there are, in the order of a release, each with its lines; one of an empty list has none. */
export function factsOf(known: Known): readonly { readonly section: Section; readonly lines: readonly string[] }[] {
  return all.flatMap((section) => {
    const lines = tell(section, known)
    return lines.length === 0 ? [] : [{ section, lines }]
  })
}

/** `2 failed, 24 passed, 1 skipped`. */
export function counts({ failed, passed, skipped, flaky }: Pick<Sections['tests'], 'failed' | 'passed' | 'skipped' | 'flaky'>): string {
  const told = { failed, passed, skipped, flaky }
  const words = Object.entries(told).flatMap(([word, count]) => (count > 0 ? [`${formatCount(count)} ${word}`] : []))
  return words.length === 0 ? 'no tests' : words.join(', ')
}

function tell<S extends Section>(section: S, known: Known): readonly string[] {
  const value = known[section]
  return value === undefined ? [] : tellers[section](value)
}

function severityText(severities: Sections['findings']['severities']): string {
  const found = Object.entries(severities).flatMap(([level, count]) => (count > 0 ? [`${formatCount(count)} ${level}`] : []))
  return found.length === 0 ? 'nothing found' : found.join(', ')
}

function countOf(count: number | undefined, noun: string): string | undefined {
  return count === undefined ? undefined : `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ')
}
