import { resolve } from 'node:path'
import { type Digest, sha256 } from '../../base/digest.ts'
import { suggest } from '../../base/suggest.ts'
import { mostScanReport, parseScanReport } from '../../domain/gate/scan-report.ts'
import { scanVerdict, testResult } from '../../domain/provenance/findings.ts'
import type { ProvenancePredicate } from '../../domain/provenance/predicate.ts'
import { scanFindings } from '../../domain/provenance/vulnerabilities.ts'
import { predicateInvalid } from '../../domain/sigstore/attest/errors.ts'
import { mostPredicate, type Predicate, parsePredicate, readPredicate } from '../../domain/sigstore/attest/predicate-file.ts'
import { readBytes } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { attestNothing } from './errors.ts'
import { hostOf, provenanceOf } from './provenance.ts'
import type { task } from './task.ts'

export type Input = InputOf<typeof task>
export type AttestContext = Context<(typeof task)['reads'][number]>

/** A predicate to attest, of the image or of one of its platforms. */
export interface Said extends Predicate {
  readonly subject?: Digest | undefined
}

/** What it is said about. */
interface About {
  readonly digest: Digest
  /** registry/repository */
  readonly resource: string
  /** Whether its registry is on this machine. */
  readonly loopback: boolean
}

export interface AllSaid {
  readonly said: readonly Said[]
  /** The one among them that is of this very run. */
  readonly provenance?: ProvenancePredicate | undefined
}

const words = ['provenance', 'sbom', 'test-result', 'scan'] as const
type Word = (typeof words)[number]

/** What is asked to be attested of an image: predicates in files, and what the run and its record say. Nothing is sent before all is read. */
export async function allSaid(
  input: Input,
  context: AttestContext,
  { token, ...about }: About & { readonly token: () => Promise<string> },
): Promise<AllSaid> {
  const { workspace } = context.files
  const files: Said[] = []
  for (const file of input.files) files.push(await readPredicate(file, workspace))
  const isAuto = input.predicates.includes('auto')
  const asked = input.predicates.filter((word) => word !== 'auto' && word !== 'none').map(wordOf)
  const wanted = words.filter((word) => asked.includes(word) || (isAuto && isThere(word, context, about)))
  const lacking = asked.filter((word) => !isThere(word, context, about) && !(word === 'provenance'))
  if (lacking.length > 0)
    throw attestNothing(`The record has no ${lacking.join(' and no ')} of ${about.digest}.`, { safe: 'nothing was sent' })
  const provenance = wanted.includes('provenance')
    ? await provenanceOf(factsOf(context, about.digest), { environment: context.environment, token })
    : undefined
  const said = [
    ...(provenance === undefined ? [] : [made('slsaprovenance1', provenance, 'this run')]),
    ...(wanted.includes('sbom') ? await sboms(context) : []),
    ...(wanted.includes('test-result') ? tests(context) : []),
    ...(wanted.includes('scan') ? await scan(context, about.resource) : []),
    ...files,
  ]
  if (said.length === 0 && !isAuto)
    throw attestNothing(`Nothing is to be attested: predicates is ${input.predicates.join(', ')}, and files is empty.`, {
      hint: 'predicates: provenance',
      safe: 'nothing was sent',
    })
  if (isAuto && provenance === undefined) {
    const why = isOther(context, about.digest) ? 'the record is of another image' : 'nobody vouches for this machine'
    context.log.warn('no provenance is attested, and `predicates: provenance` would', { image: `${about.resource}@${about.digest}`, why })
  }
  return { said, provenance }
}

function wordOf(word: string): Word {
  const known = words.find((one) => one === word)
  if (known !== undefined) return known
  const meant = suggest(word, words)
  throw predicateInvalid(
    `predicates names "${word}", expected auto, none, ${words.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}. Files go into \`files\`.`,
  )
}

/** Whether the run or its record can say it of this image. */
function isThere(word: Word, context: AttestContext, { digest, loopback }: About): boolean {
  const { tests: tested, sboms: listed, findings } = context.record
  const isOurs = !isOther(context, digest)
  switch (word) {
    case 'provenance':
      return isOurs && (loopback || hostOf(context.environment) !== 'local')
    case 'sbom':
      return isOurs && (listed ?? []).length > 0
    case 'test-result':
      return isOurs && tested !== undefined && tested.verdict !== 'unknown'
    case 'scan':
      return findings !== undefined && findings.subject === digest && findings.verdict !== 'unknown' && findings.finished !== undefined
  }
}

/** Whether the record is about another image than this one. */
function isOther({ record: { subject } }: AttestContext, digest: Digest): boolean {
  return subject !== undefined && subject.digest !== digest
}

function factsOf({ record, source }: AttestContext, digest: Digest): Parameters<typeof provenanceOf>[0] {
  const subject = record.subject?.digest === digest ? record.subject : undefined
  return { source: record.source ?? declared(source), subject, runUrl: source.runUrl }
}

function declared({ repository, commit, ref }: AttestContext['source']): AttestContext['record']['source'] {
  return repository === undefined || commit === undefined ? undefined : { url: repository, commit, ...(ref === undefined ? {} : { ref }) }
}

/** SBOMs are the files of the record, and must still be those. */
async function sboms({ record, files }: AttestContext): Promise<readonly Said[]> {
  const said: Said[] = []
  for (const { path, file, subject } of record.sboms ?? []) {
    const bytes = await readBytes(resolve(files.workspace, path), mostPredicate)
    if (sha256(bytes) !== file)
      throw predicateInvalid(`${path} is ${sha256(bytes)}, and the record has ${file}.`, { safe: 'nothing was sent' })
    said.push({ ...parsePredicate(bytes, { type: 'sbom', where: path }), subject })
  }
  return said
}

function tests({ record, source }: AttestContext): readonly Said[] {
  const { tests: tested } = record
  const facts = { source: record.source ?? declared(source), runUrl: source.runUrl }
  return tested === undefined ? [] : [made('test-result', testResult(tested, facts), 'the record')]
}

/** The verdict of the gate, and the findings of its report, which must still be the one that the gate judged. */
async function scan({ record, files }: AttestContext, resource: string): Promise<readonly Said[]> {
  const { findings } = record
  if (findings?.finished === undefined) return []
  const { report, file, databaseDate = '', finished } = findings
  const verdict = made('vsa', scanVerdict(findings, { resource, finished }), 'the record')
  if (report === undefined || file === undefined || databaseDate === '') return [verdict]
  const bytes = await readBytes(resolve(files.workspace, report), mostScanReport)
  if (sha256(bytes) !== file)
    throw predicateInvalid(`${report} is ${sha256(bytes)}, and the record has ${file}.`, { safe: 'nothing was sent' })
  const read = parseScanReport(bytes, report)
  if (read.subject !== findings.subject || read.verdict !== findings.verdict) {
    const [said, known] = [read, findings].map((one) => `${one.verdict} of ${one.subject}`)
    throw predicateInvalid(`${report} says ${said}, and the record ${known}.`, { safe: 'nothing was sent' })
  }
  return [made('vulns', scanFindings(read.findings, { databaseDate, finished }), report), verdict]
}

function made(type: string, predicate: object, where: string): Said {
  return parsePredicate(Buffer.from(JSON.stringify(predicate)), { type, where })
}
