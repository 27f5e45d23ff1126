import { projectPath } from '../paths.ts'
import type { Kind, Value } from './kind.ts'
import { isMap } from './value.ts'

const endOfDay = 'T23:59:59Z'

/** Findings that hold no image back, and until when. Harbor drops the list that comes with a new project; it is set by a call of its own. */
export const allowlistKind: Kind = {
  name: 'cve-allowlist',
  wanted({ 'cve-allowlist': list }) {
    if (list === undefined) return undefined
    const expires = list.expires === undefined ? {} : { expires: momentOf(list.expires) }
    return [{ name: '', value: { items: list.items.toSorted(), ...expires }, path: ['cve-allowlist'] }]
  },
  read: ({ project: { allowlist } }) => {
    const expires = allowlist.expires === undefined ? 'never' : `${new Date(allowlist.expires).toISOString().slice(0, 19)}Z`
    return Promise.resolve(new Map([['', { value: { items: allowlist.items.toSorted(), expires } }]]))
  },
  async write({ harbor, name }, [step]) {
    const { items, expires } = isMap(step.after) ? step.after : {}
    const seconds = expires === 'never' ? null : Math.floor(Date.parse(String(expires)) / 1000)
    const ids = Array.isArray(items) ? items.map((id: Value) => ({ cve_id: id })) : []
    const body = { cve_allowlist: { items: ids, expires_at: seconds } }
    await harbor.send({
      method: 'PUT',
      path: projectPath(name),
      body,
      doing: `set the CVE allowlist of ${name}`,
      needs: '`project:update`',
    })
  },
  exported(found) {
    const value = found.get('')?.value
    if (!isMap(value)) return undefined
    const { items = [], expires = 'never' } = value
    const isEmpty = Array.isArray(items) && items.length === 0 && expires === 'never'
    return isEmpty ? undefined : { items, expires: String(expires).replace(endOfDay, '') }
  },
}

/** A day counts to its end. */
function momentOf(written: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(written) ? `${written}${endOfDay}` : written
}
