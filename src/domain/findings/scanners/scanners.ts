import { grype } from './grype.ts'
import type { Scanner } from './scanner.ts'
import { trivy } from './trivy.ts'

/** The scanners that may be run, by name. */
export const scanners = { trivy, grype } as const satisfies Readonly<Record<Scanner['name'], Scanner>>
