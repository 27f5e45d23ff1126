import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Inventory, Package } from '../packages/package.ts'
import { purlOf } from '../packages/purl.ts'
import { billOf, distro, whole } from './bill.fake.ts'
import { formats } from './format.ts'
import { inventoryOfSbom } from './read/inventory-of.ts'
import { parseSbom } from './read/read-sbom.ts'
import { cycloneDxFaults, spdxFaults } from './schema.fake.ts'

const names = ['cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3'] as const
const again = (inventory: Inventory, format: (typeof names)[number]): Inventory =>
  inventoryOfSbom(parseSbom(formats[format].write(billOf(inventory)), format))

/** Who made a package of a distribution is said by the distribution; in SPDX all licences are one expression. */
function comparable({ packages, unscannable, distro: system }: Inventory): unknown {
  return {
    packages: packages
      .map(({ producer: _, licenses, distro: of, ...one }) => ({
        ...one,
        hasLicense: licenses.length > 0,
        distro: of === undefined ? undefined : [of.id, of.version],
      }))
      .toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
    unscannable,
    distro: system === undefined ? undefined : [system.id, system.version],
  }
}

describe.each(names)('what is written in %s', (format) => {
  test('is read again as it was: packages, sources, places with layers, hashes, needs, gaps', () => {
    const inventory = { ...whole, unscannable: [{ path: 'var/lib/rpm/Packages', why: 'a format: that is not read' }] }
    expect(comparable(again(inventory, format))).toEqual(comparable(inventory))
  })

  test('has the licences that were declared', () => {
    const licenses = again({ packages: [...whole.packages], unscannable: [] }, format).packages.map((one) => one.licenses)
    const several =
      format === 'spdx-2.3'
        ? [expect.stringMatching(/^LicenseRef-Beerware-revision-42-[0-9a-f]{12} AND Apache-2\.0 AND \(MIT OR ISC\)$/)]
        : ['Beerware, revision 42', 'Apache-2.0', 'MIT OR ISC']
    expect(licenses).toEqual([[], several, ['MIT'], ['(MIT OR Apache-2.0)']])
  })

  test('is valid and read again whatever packages are called', () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => text.trim() !== '' && !text.includes('/'))
    const found = fc.record({ name: word, version: word, license: fc.string({ maxLength: 30, unit: 'binary' }), path: word })
    fc.assert(
      fc.property(fc.uniqueArray(found, { selector: ({ name }) => name.toLowerCase(), maxLength: 4 }), (drafts) => {
        const packages = drafts.map(
          ({ name, version, license, path }): Package => ({
            ...{ type: 'npm', name, version, purl: purlOf({ type: 'npm', name, version }) },
            ...{ licenses: license.trim() === '' ? [] : [license], locations: [{ path: `app/${path}` }] },
          }),
        )
        const text = formats[format].write(billOf({ packages, distro, unscannable: [] }))
        const document = JSON.parse(text)
        expect(format === 'spdx-2.3' ? spdxFaults(document) : cycloneDxFaults(document)).toEqual([])
        const read = inventoryOfSbom(parseSbom(text, 'x'))
        expect(read.unscannable).toEqual([])
        expect(read.packages.map(({ purl }) => purl)).toEqual(packages.map(({ purl }) => purl).toSorted())
      }),
      { numRuns: 60 },
    )
  })
})
