import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { inventoryOfLayers } from '../image.fake.ts'
import { declaredLicenses } from './debian-copyright.ts'

const folder = temporaryFolder()
const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'

describe('the licences of a package of Debian', () => {
  test.each<[string, readonly string[]]>([
    [`${format}\nFiles: *\nLicense: GPL-2+\n Text\n\nFiles: x\nLicense: GPL-2+\n`, ['GPL-2.0-or-later']],
    [`${format}\nFiles: *\nLicense: LGPL-2.1\n\nFiles: x\nLicense: Expat\n`, ['LGPL-2.1-only', 'MIT']],
    [`${format}\nFiles: *\nLicense: GPL-1+ or Artistic\n`, ['GPL-1.0-or-later OR Artistic-1.0-Perl']],
    [`${format}\nFiles: *\nLicense: GPL-2+ with Autoconf exception\n`, ['GPL-2+ with Autoconf exception']],
    [`${format}\nFiles: *\nLicense:\n Permission is granted\n`, []],
    [`${format}\nFiles: *\nLicense: ${'x'.repeat(300)}\n`, []],
    ["On Debian systems see `/usr/share/common-licenses/GPL-2', and /usr/share/common-licenses/LGPL-2.1.", ['GPL-2', 'LGPL-2.1']],
    ['Public domain.', []],
  ])('of %j are %j', (text, licenses) => {
    expect(declaredLicenses(text)).toEqual(licenses)
  })

  test('come from the file of the package of that name, wherever its record is', async () => {
    const { packages } = await inventoryOfLayers(mkdtempSync(join(folder, 'layout-')), [
      { 'usr/share/doc/a/copyright': `${format}\nFiles: *\nLicense: MIT\n`, 'usr/share/doc/gone/copyright': `${format}\nLicense: MIT\n` },
      {
        'var/lib/dpkg/status':
          'Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: install ok installed\nVersion: 1\n',
      },
    ])
    expect(packages.map(({ name, licenses }) => [name, licenses])).toEqual([
      ['a', ['MIT']],
      ['b', []],
    ])
  })
})
