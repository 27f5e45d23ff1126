import type { Race } from '../scene.ts'
import { faults } from './faults.ts'
import { freshness } from './freshness.ts'
import { health } from './health.ts'
import { operations } from './operations.ts'

/** All races of research §1.4 and the faults of issue 9, for the real Argo CD and the fake alike. */
export const races: readonly Race[] = [...freshness, ...operations, ...health, ...faults]
