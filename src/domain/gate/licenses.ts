import parse from 'spdx-expression-parse'
import { sha256 } from '../../base/digest.ts'
import type { Scanned } from '../findings/find.ts'
import type { Subject } from '../findings/finding.ts'
import type { Package } from '../packages/package.ts'
import { barePurl } from '../packages/purl.ts'
import { licenseId } from '../sbom/licenses.ts'
import { isMeant, normalised } from './license-terms.ts'
import type { GatePolicy } from './policy.ts'

type Wanted = NonNullable<GatePolicy['licenses']>

/** A package whose licence the policy does not let through. */
export interface Breach {
  readonly package: Package
  /** Without qualifiers. */
  readonly purl: string
  readonly subject: Subject
  /** What is declared, or `unknown`. */
  readonly license: string
  readonly verdict: 'denied' | 'not allowed' | 'unknown'
}

/** Packages, each once for an image, that are under what the policy does not let through. */
export function breachesOf(scanned: readonly Scanned[], wanted: Wanted | undefined): readonly Breach[] {
  if (wanted === undefined) return []
  const judged = new Map<string, Breach['verdict'] | undefined>()
  return scanned.flatMap(({ subject, inventory }) =>
    inventory.packages.flatMap((one): readonly Breach[] => {
      const declared = one.licenses.map((text) => text.trim()).filter((text) => text !== '')
      const key = JSON.stringify(declared)
      if (!judged.has(key)) judged.set(key, verdictOn(declared, wanted))
      const verdict = judged.get(key)
      if (verdict === undefined) return []
      const license = nameOf(declared)
      return [{ package: one, purl: barePurl(one.purl), subject, license, verdict }]
    }),
  )
}

/** What an exception may name: of what is cut the hash, so that two do not have one name. */
function nameOf(declared: readonly string[]): string {
  if (declared.length === 0) return 'unknown'
  const parts = declared.length === 1 ? declared : declared.map((text) => (/\sOR\s/i.test(text) ? `(${text})` : text))
  const name = parts.join(' AND ')
  return name.length <= mostName ? name : `${name.slice(0, mostName)}… ${sha256(name)}`
}

const mostName = 400

type Answer = Breach['verdict'] | undefined
const worst: readonly Answer[] = ['denied', 'not allowed', 'unknown', undefined]

/** Several declarations count all: who declares two licences without saying OR may need both. */
export function verdictOn(declared: readonly string[], wanted: Wanted): Answer {
  const answers = declared.length === 0 ? ['unknown' as const] : declared.map((text) => ofText(text, wanted))
  return all(answers.map((one) => (one === 'unknown' && wanted.unknown === 'pass' ? undefined : one)))
}

type Node = ReturnType<typeof parse>

function ofText(text: string, wanted: Wanted): Answer {
  const node = parsed(text)
  return node === undefined ? 'unknown' : ofNode(node, wanted)
}

function ofNode(node: Node, wanted: Wanted): Answer {
  if ('license' in node) return ofLicense(node, wanted)
  const answers = [ofNode(node.left, wanted), ofNode(node.right, wanted)]
  return node.conjunction === 'and' ? all(answers) : any(answers)
}

/** The term as it is before its parts: `GPL-2.0-only WITH Classpath-exception-2.0` may be allowed where `GPL-2.0-only` is denied. */
function ofLicense(node: Extract<Node, { license: string }>, { deny, allow }: Wanted): Answer {
  const plain = normalised(`${node.license}${node.plus === true ? '+' : ''}`)
  const whole = node.exception === undefined ? [] : [`${plain} WITH ${node.exception}`]
  for (const name of [...whole, plain, ...versionIn(plain)]) {
    if (deny.some((term) => isMeant(name, term))) return 'denied'
    if (allow.some((term) => isMeant(name, term))) return undefined
  }
  return allow.length === 0 ? undefined : 'not allowed'
}

/** "Or later" is also the version itself, and what has an exception in its own name the licence. */
function versionIn(license: string): readonly string[] {
  const [, name] = /^(.+?)(?:\+|-or-later|-with-.+)$/i.exec(license) ?? []
  return name === undefined ? [] : [normalised(name)]
}

function all(answers: readonly Answer[]): Answer {
  return worst.find((one) => answers.includes(one))
}

function any(answers: readonly Answer[]): Answer {
  return worst.toReversed().find((one) => answers.includes(one))
}

/** Long enough for any that people write; the parser goes down into brackets. */
const longest = 2000
const mostBrackets = 100

function parsed(text: string): Node | undefined {
  if (text.length > longest || (text.match(/\(/g) ?? []).length > mostBrackets) return undefined
  try {
    return parse(text.replace(/[A-Za-z0-9.-]+/g, (word) => licenseId(word) ?? word))
  } catch {
    return undefined
  }
}
