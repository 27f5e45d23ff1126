import { harborDenied } from '../errors.ts'
import { findQuota } from './calls.ts'
import type { Kind } from './kind.ts'
import { bytesOf, sizeOf } from './schema.ts'

/** What a project may store, in bytes, -1 without limit. Only administrators see its number, by which it is changed. */
export const quotaKind: Kind = {
  name: 'quota',
  wanted: ({ quota }) => (quota === undefined ? undefined : [{ name: '', value: bytesOf(quota) ?? -1, path: ['quota'] }]),
  async read({ harbor, project, quota }) {
    const found = quota ?? (await findQuota(harbor, project))
    return new Map(found === undefined ? [] : [['', { value: found.storage, id: found.id }]])
  },
  show: (value) => String(typeof value === 'number' ? sizeOf(value) : value),
  async write({ harbor, name }, [step]) {
    const id = step.found?.id
    if (id === undefined)
      throw harborDenied(`The quota of ${name} is not this account’s to change: only a system administrator may.`, {
        hint: 'Give a system administrator’s account, or a robot of the system with `quota:list` and `quota:update`; or leave `quota` out.',
      })
    const body = { hard: { storage: step.after } }
    const needs = '`quota:update` of the system'
    await harbor.send({ method: 'PUT', path: `/quotas/${id}`, body, doing: `change the quota of ${name}`, needs })
  },
  exported: (found) => {
    const value = found.get('')?.value
    return typeof value === 'number' ? sizeOf(value) : undefined
  },
}
