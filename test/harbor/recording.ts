import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** One request to a real Harbor 2.15.2 and what it answered. */
export interface Exchange {
  readonly n: number
  /** Milliseconds since the scenario began. */
  readonly t: number
  readonly note?: string
  /** Absent for a command-line tool. */
  readonly who?: string
  readonly req: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly res: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly token_claims?: unknown
  }
}

export interface Scenario {
  readonly name: string
  readonly description: string
  readonly exchanges: readonly Exchange[]
}

/** The recorded scenarios of the fixture, without what Harbor itself asked of others. */
export function readScenarios(): readonly Scenario[] {
  const path = join(import.meta.dirname, '../fakes/harbor/recorded/exchanges.jsonl.gz')
  const scenarios: { name: string; description: string; exchanges: Exchange[] }[] = []
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n')) {
    const entry: Exchange | { scenario: string; description: string } = JSON.parse(line)
    if ('scenario' in entry) scenarios.push({ name: entry.scenario, description: entry.description, exchanges: [] })
    else scenarios.at(-1)?.exchanges.push(entry)
  }
  return scenarios
}

/** All objects in a JSON value, the value itself first. */
export function* objectsIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield Object.fromEntries(Object.entries(value))
  for (const one of Object.values(value)) yield* objectsIn(one)
}
