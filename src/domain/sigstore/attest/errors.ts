import { defineError } from '../../../base/errors.ts'

export const predicateInvalid = defineError({
  code: 'SW-ATTEST-PREDICATE',
  fault: 'input',
  title: 'What is to be attested is not what its type asks for.',
  causes: [
    'The file is no JSON, names a key twice, or nests too deep: two readers may read two documents in it.',
    'The file is of another type than the one given for it, or of a format that is not JSON (SPDX tag-value, CycloneDX XML).',
    'A program was ended while it wrote the file.',
    'The file has changed since its digest went into the record.',
  ],
  fix: 'Give files as type=path, the type as cosign has it (cyclonedx, spdxjson, vuln, …) or a URI; `docs/tasks/attest.md` has the table.',
})

export const predicateTooLarge = defineError({
  code: 'SW-ATTEST-TOO-LARGE',
  fault: 'input',
  title: 'A statement is larger than what a log of version 1 takes, or what verifiers read.',
  causes: [
    'An SBOM lists every file.',
    'The signing config names Rekor 1, which is sent each statement whole: the public one closes the connection at a few MB.',
  ],
  fix: 'Leave `large` at reference, make the SBOM without files, use a signing config with Rekor 2, or sign with a key without the log.',
})

/** What a task may meet that attests. */
export const attestErrors = [predicateInvalid, predicateTooLarge] as const
