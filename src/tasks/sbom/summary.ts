import { formatCount } from '../../base/bytes.ts'
import { type FormatName, formats } from '../../domain/sbom/format.ts'
import type { Block } from '../../spec/ports.ts'
import type { Checked } from './checks.ts'
import type { Written } from './write.ts'

/** `120 packages · CycloneDX 1.6 and SPDX 2.3 per platform · CISA 2026 Minimum Elements 100 %` */
export function headlineOf(packages: number, written: readonly Written[], checked: readonly Checked[]): string {
  const names = [...new Set(written.map(({ format }) => titleOf(format)))].join(' and ')
  const count = new Set(written.map(({ listed }) => listed.name)).size
  const scores = new Map<string, number>()
  for (const { title, score } of checked) scores.set(title, Math.min(score, scores.get(title) ?? 100))
  return [
    `${formatCount(packages)} package${packages === 1 ? '' : 's'}`,
    `${names}${count === 1 ? '' : ' per platform'}`,
    ...[...scores].map(([title, score]) => `${title} ${score} %`),
  ].join(' · ')
}

/** What is in each file. */
export function contentsOf(written: readonly Written[]): Block {
  const rows = written.map(({ listed: { title, bill }, format, path }) => {
    const { distro, packages } = bill.inventory
    const system = distro === undefined ? '' : `${distro.id} ${distro.version}`.trim()
    return [title, system, countsOf(packages.map(({ type }) => type)), titleOf(format), path]
  })
  return { kind: 'table', title: 'SBOM', columns: ['of', 'system', 'packages', 'format', 'file'], rows }
}

function titleOf(format: string): string {
  const known = Object.keys(formats).find((name): name is FormatName => name === format)
  return known === undefined ? format.replace('cyclonedx-', 'CycloneDX ').replace('spdx-', 'SPDX ') : formats[known].title
}

/** `120 deb, 92 npm`, most first. */
function countsOf(types: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  const parts = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([type, count]) => `${formatCount(count)} ${type}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
