import { dirname, join, relative } from 'node:path'
import { type Ground, locate, type Place } from '../../domain/testreport/locate.ts'
import { isBad, isFlaky, type TestCase } from '../../domain/testreport/model.ts'
import { exists, isInside } from '../../io/files.ts'

/** Failures whose place is looked for; who has more reads the first ones. */
const mostLocated = 1000

/** Where each failed or flaky test stands in the source, as far as it can be told. */
export async function locateAll(
  cases: readonly TestCase[],
  { workspace, project }: { readonly workspace: string; readonly project: string },
): Promise<ReadonlyMap<TestCase, Place>> {
  const there = remembering((path) => exists(join(workspace, path)))
  const places = new Map<TestCase, Place>()
  for (const found of cases.filter((one) => isBad(one) || isFlaky(one)).slice(0, mostLocated)) {
    const ground: Ground = { workspace, bases: basesOf(found.report, { workspace, project }), exists: there }
    const place = await locate(isFlaky(found) ? asItFailed(found) : found, ground)
    if (place !== undefined) places.set(found, place)
  }
  return places
}

/** A path as editors take it: `test/cart.test.js:12`. */
export function formatPlace({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`
}

/** The folders around the report, nearest first (`shop/target/surefire-reports` is of the module `shop`), and the working directory. */
function basesOf(report: string | undefined, { workspace, project }: { readonly workspace: string; readonly project: string }): string[] {
  const own = relative(workspace, project)
  if (report === undefined || report === 'stdout' || !isInside(workspace, join(workspace, report)) || report.startsWith('.'))
    return [own, '']
  const folders: string[] = []
  for (let folder = dirname(report); folder !== '.' && folder !== '/'; folder = dirname(folder)) folders.push(folder)
  return [...new Set([...folders, own, ''])]
}

function asItFailed(found: TestCase): TestCase {
  const last = found.attempts?.at(-1)
  return { ...found, message: last?.message, details: last?.details }
}

function remembering(ask: (path: string) => Promise<boolean>): (path: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>()
  return (path) => {
    const answer = known.get(path) ?? ask(path)
    if (known.size < 100_000) known.set(path, answer)
    return answer
  }
}
