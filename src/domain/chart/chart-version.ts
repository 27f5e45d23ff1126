import { type ChartFile, parseChartFile } from './chart-file.ts'
import { chartInvalid } from './errors.ts'

/** Versions to set in Chart.yaml in place of those that it has. */
export interface ChartVersions {
  readonly version?: string | undefined
  readonly appVersion?: string | undefined
}

/** Chart.yaml with other versions, every other byte as it was. @throws SW-CHART-INVALID */
export function withVersions(bytes: Buffer, versions: ChartVersions, where: string): { readonly bytes: Buffer; readonly chart: ChartFile } {
  const wanted = Object.entries(versions).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const text = wanted.reduce((one, [name, value]) => withField(one, name, value), bytes.toString())
  const changed = wanted.length === 0 ? bytes : Buffer.from(text)
  const chart = parseChartFile(changed, where)
  const wrong = wanted.find(([name, value]) => chart[name === 'version' ? 'version' : 'appVersion'] !== value)
  if (wrong === undefined) return { bytes: changed, chart }
  throw chartInvalid(`${where}: ${wrong[0]} ${JSON.stringify(wrong[1])} cannot be set: its line is not of the form "${wrong[0]}: VALUE".`)
}

function withField(text: string, name: string, value: string): string {
  const line = `${name}: ${JSON.stringify(value)}`
  const found = new RegExp(`^${name}:[^\\r\\n]*`, 'mu')
  if (found.test(text)) return text.replace(found, () => line)
  return `${text}${text.endsWith('\n') || text === '' ? '' : '\n'}${line}\n`
}
