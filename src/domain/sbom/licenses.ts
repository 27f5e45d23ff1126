/** The identifiers of the SPDX licence list that most packages have; others are written as names. */
const identifiers = new Set(
  `0BSD AFL-2.1 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-2.0 BlueOak-1.0.0 BSD-1-Clause
  BSD-2-Clause BSD-3-Clause BSD-4-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 curl EPL-1.0 EPL-2.0 FTL
  GFDL-1.2 GFDL-1.3 GPL-1.0 GPL-1.0-or-later GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later HPND ICU IJG
  ISC LGPL-2.0 LGPL-2.0-or-later LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later Libpng MIT MIT-0
  MPL-1.1 MPL-2.0 MS-PL NCSA OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.01 PostgreSQL PSF-2.0 Python-2.0 Ruby SSPL-1.0 TCL Unicode-3.0
  Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C WTFPL X11 Zlib ZPL-2.1`.split(/\s+/),
)

/** Whether a text is an identifier of the SPDX licence list that we know. */
export function isLicenseId(text: string): boolean {
  return identifiers.has(text)
}

/** Whether a text is an SPDX expression (SPDX 2.3, annex D) of identifiers that we know; `(MIT OR Apache-2.0)`. */
export function isLicenseExpression(text: string): boolean {
  if (text.length > 1000) return false
  const words = text.replace(/[()]/g, ' ').trim().split(/\s+/)
  const isBalanced =
    [...text].reduce((depth, letter) => (depth < 0 ? depth : depth + (letter === '(' ? 1 : letter === ')' ? -1 : 0)), 0) === 0
  return (
    isBalanced &&
    words.length % 2 === 1 &&
    words.every((word, place) => (place % 2 === 0 ? isLicenseId(word) : ['AND', 'OR'].includes(word)))
  )
}
