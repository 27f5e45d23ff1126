import type { X509Certificate } from '@sigstore/core'

/** What Fulcio wrote into a certificate of who signs (fulcio, docs/oid-info.md). */
export interface Claims {
  /** The subject alternative name: an email, or the URI of a workflow or service account. */
  readonly identity: string
  readonly issuer: string
  /** URI of the source repository. */
  readonly repository?: string | undefined
  /** `owner/repository` of certificates that have no URI. */
  readonly repositoryName?: string | undefined
  /** URI of the workflow, without its ref. */
  readonly workflow?: string | undefined
  /** `refs/heads/main`. */
  readonly ref?: string | undefined
  readonly commit?: string | undefined
  /** What started the workflow: `push`. */
  readonly trigger?: string | undefined
  /** `github-hosted` or `self-hosted`. */
  readonly runner?: string | undefined
  readonly runUrl?: string | undefined
}

const arc = '1.3.6.1.4.1.57264.1'
const utf8String = 0x0c

/** Reads the claims. A claim in neither form is absent; one that is malformed throws. */
export function claimsOf(certificate: X509Certificate): Claims {
  const [raw, der] = [rawReader(certificate), derReader(certificate)]
  return {
    identity: certificate.subjectAltName ?? '',
    issuer: der(8) ?? raw(1) ?? '',
    repository: der(12),
    repositoryName: raw(5),
    workflow: der(9)?.replace(/@[^@]*$/, ''),
    ref: der(14) ?? raw(6),
    commit: der(13) ?? raw(3),
    trigger: der(20) ?? raw(2),
    runner: der(11),
    runUrl: der(21),
  }
}

/** .1 to .6 are the text itself. */
function rawReader(certificate: X509Certificate): (id: number) => string | undefined {
  return (id) => certificate.extension(`${arc}.${id}`)?.value.toString('utf8')
}

/** From .8 on they are a UTF8String in DER. */
function derReader(certificate: X509Certificate): (id: number) => string | undefined {
  return (id) => {
    const value = certificate.extension(`${arc}.${id}`)?.valueObj.subs[0]
    if (value === undefined) return undefined
    if (value.tag.number !== utf8String || !value.tag.isUniversal()) throw new Error(`the extension ${arc}.${id} is no UTF8String`)
    return value.value.toString('utf8')
  }
}
