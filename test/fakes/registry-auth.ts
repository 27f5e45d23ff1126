export type { AuthOptions } from '../../src/domain/registry/auth/dialect.ts'
