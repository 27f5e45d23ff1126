import { compare, valid } from '@renovatebot/pep440'
import type { Order } from './order.ts'

/** Versions of Python packages (PEP 440). */
export function comparePep440(a: string, b: string): Order {
  return valid(a) === null || valid(b) === null ? undefined : compare(a, b)
}
