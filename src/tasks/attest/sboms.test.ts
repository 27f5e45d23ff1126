import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { billOf, whole } from '../../domain/sbom/bill.fake.ts'
import { type FormatName, formats } from '../../domain/sbom/format.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { type Attesting, openAttesting } from './attesting.fake.ts'

let at: Attesting
beforeEach(async () => {
  at = await openAttesting()
})
afterEach(() => at.scene.close())

test.each<[readonly FormatName[], readonly string[]]>([
  [['cyclonedx-1.6'], ['https://cyclonedx.org/bom']],
  [['cyclonedx-1.7'], ['https://cyclonedx.org/bom']],
  [['spdx-2.3'], ['https://spdx.dev/Document']],
  [
    ['cyclonedx-1.6', 'spdx-2.3'],
    ['https://cyclonedx.org/bom', 'https://spdx.dev/Document'],
  ],
])('SBOMs of the record in %j are attested as %j, each whole', async (names, types) => {
  const { digest } = at.index.descriptor
  const sboms = names.map((format) => {
    const [text, path] = [formats[format].write(billOf(whole)), `${format}.json`]
    at.put(path, text)
    return { subject: digest, platform: 'all', format, path, file: sha256(text), packages: 4 }
  })
  const record: ReleaseRecord = { ...emptyRecord, subject: { digest, mediaType: 'm', layout: 'l', platforms: [] }, sboms }
  const { outcome } = await at.attest({ predicates: 'sbom' }, { record })
  expect(outcome.failure).toBeUndefined()
  expect(outcome.record.attestations?.map(({ predicateType }) => predicateType).toSorted()).toEqual(types)
  const predicates = await at.statements()
  expect(predicates.map((one) => JSON.stringify(one['predicate'])).toSorted()).toEqual(
    names.map((format) => JSON.stringify(JSON.parse(formats[format].write(billOf(whole))))).toSorted(),
  )
})
