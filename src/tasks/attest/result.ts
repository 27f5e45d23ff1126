import { formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import type { Attestation } from '../../domain/sigstore/attest/attach-attestation.ts'
import { isLogged } from '../../domain/sigstore/sign/choose-signer.ts'
import type { Signer } from '../../domain/sigstore/sign/signer.ts'
import type { Block } from '../../spec/ports.ts'
import type { Input } from './said.ts'

/** An attestation as the record keeps it, and whether it was there before. */
export interface Written extends Attestation {
  readonly subject: Digest
  readonly image: string
}

/** What a run gives back of what it attested; without a signer there was nothing to attest. */
export function resultOf(input: Input, signer: Signer | undefined, written: readonly Written[]) {
  const types = [...new Set(written.map(({ predicateType }) => predicateType))]
  return {
    outputs: {
      attested: written.length,
      types: types.join(' '),
      signer: signer?.name ?? '',
      digests:
        signer === undefined
          ? undefined
          : written.map(({ predicateType, image, subject, digest }) => `${predicateType} ${image}@${subject} ${digest}\n`).join(''),
    },
    record: {
      attestations: written.map(({ present: _, log, document, ...attestation }) => ({
        ...attestation,
        ...(signer === undefined ? {} : { identity: signer.name }),
        ...(log === undefined ? {} : { log }),
        ...(document === undefined ? {} : { document }),
      })),
    },
    headline: signer === undefined ? 'nothing to attest' : headlineOf(signer, written),
    summary: signer === undefined ? [] : summaryOf(input, signer, written),
  }
}

function summaryOf(input: Input, signer: Signer, written: readonly Written[]): readonly Block[] {
  return [
    { kind: 'text', text: `Signed by ${signer.name}${isLogged(input) ? '' : ', in no transparency log'}.` },
    {
      kind: 'table',
      title: 'Attestations',
      columns: ['predicate type', 'image', 'format', 'attestation', 'was there'],
      rows: written.map(({ predicateType, image, subject, format, digest, present }) => [
        predicateType,
        `${image}@${subject}`,
        format,
        digest,
        present ? 'yes' : 'no',
      ]),
    },
  ]
}

function headlineOf(signer: Signer, written: readonly Written[]): string {
  const isNew = written.some(({ present }) => !present)
  const formats = [...new Set(written.map(({ format }) => format))].join(' and ')
  const count = `${formatCount(written.length)} attestation${written.length === 1 ? '' : 's'}`
  return [signer.name, count, formats, ...(isNew ? [] : ['all there already'])].join(' · ')
}
