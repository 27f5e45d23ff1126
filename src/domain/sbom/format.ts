import type { Bill } from './bill.ts'
import { cycloneDx } from './cyclonedx.ts'
import { spdx } from './spdx.ts'

/** The formats that are written. */
export const formats = {
  'cyclonedx-1.6': { title: 'CycloneDX 1.6', write: (bill: Bill) => cycloneDx(bill, '1.6') },
  'cyclonedx-1.7': { title: 'CycloneDX 1.7', write: (bill: Bill) => cycloneDx(bill, '1.7') },
  'spdx-2.3': { title: 'SPDX 2.3', write: spdx },
} as const

export type FormatName = keyof typeof formats

/** `cdx.json` of CycloneDX 1.6, `spdx.json` of SPDX 2.3; another version is a part of it, so that no two formats share a file. */
export function endingOf(format: string): string {
  const [, name = '', version = ''] = /^([a-z]+)-(.*)$/.exec(format) ?? []
  const ending = name === 'cyclonedx' ? 'cdx.json' : 'spdx.json'
  return format === 'cyclonedx-1.6' || format === 'spdx-2.3' ? ending : `v${version}.${ending}`
}
