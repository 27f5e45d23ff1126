import type { Sample } from './measure.ts'

export interface Series {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly note?: string
}

/** A Markdown table: medians, the least and the most, and how many times the first row's time each takes. */
export function table(series: readonly Series[], noteTitle = ''): string {
  const first = median(series[0]?.samples.map(({ wall }) => wall) ?? [])
  const rows = series.map(({ name, samples, note = '' }) => {
    const walls = samples.map(({ wall }) => wall)
    const time = median(walls)
    return [
      name,
      `${time.toFixed(2)} s`,
      `${Math.min(...walls).toFixed(2)}–${Math.max(...walls).toFixed(2)}`,
      `× ${(time / first).toFixed(2)}`,
      `${median(samples.map(({ cpu }) => cpu)).toFixed(2)} s`,
      `${(median(samples.map(({ memory }) => memory)) / 1e6).toFixed(0)} MB`,
      ...(noteTitle === '' ? [] : [note]),
    ]
  })
  const head = ['', 'median', 'least–most', 'ratio', 'CPU', 'memory', ...(noteTitle === '' ? [] : [noteTitle])]
  return [head, head.map((_, column) => (column === 0 ? '---' : '--:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
