import type { KeyChoice, KeyOpeners } from '../domain/sigstore/sign/open-key.ts'
import { allowed } from '../spec/execute.ts'
import { parseInputs } from '../spec/parse-inputs.ts'
import type { Section } from '../spec/record/record.ts'
import type { Session } from './ports.ts'
import type { Step } from './step.ts'

const signed: readonly Section[] = ['signatures', 'attestations']

/**
 * Begins to open the keys that steps will sign with, while they do something else: a password costs a fifth of a second, on a thread.
 * Nothing waits for it, and nothing is said of it: what is wrong with a key, its step tells in its turn. Never rejects.
 */
export async function openKeysAhead(steps: readonly Step[], session: Pick<Session, 'ports'>): Promise<void> {
  try {
    const asked = steps.flatMap((step) => openingOf(step, session))
    if (asked.length === 0) return
    const { beginToOpen } = await import('../domain/sigstore/sign/open-key.ts')
    await Promise.all(asked.map(([choice, ports]) => beginToOpen(choice, ports)))
  } catch {
    // Nobody waits for this: what it met, the step meets as well.
  }
}

/** None for a step that has no key, or whose inputs are at fault. */
function openingOf({ task: { definition }, inputs }: Step, session: Pick<Session, 'ports'>): [KeyChoice, KeyOpeners][] {
  if (!inputs.has('key') || !definition.writes.some((section) => signed.includes(section))) return []
  const { values, faults } = parseInputs(definition, inputs)
  const { key, keyPassword } = values
  if (faults.length > 0 || typeof key !== 'string' || (keyPassword !== undefined && typeof keyPassword !== 'string')) return []
  const ports = session.ports(definition.name)
  return [
    [
      { key, keyPassword, timeout: 0 },
      { ...ports, environment: allowed(definition, ports) },
    ],
  ]
}
