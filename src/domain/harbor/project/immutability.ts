import { allPages } from '../pages.ts'
import { projectPath } from '../paths.ts'
import type { Found, Kind, Value } from './kind.ts'
import { selectedOf, selectedOfWire, wireSelectors } from './selectors.ts'
import { isMap } from './value.ts'
import { type WireRule, wireRule } from './wire.ts'

/** Rules that hold tags. A rule has no name but what it holds; Harbor takes any, also one that holds nothing. */
export const immutabilityKind: Kind = {
  name: 'immutability',
  startsEmpty: true,
  canRemove: () => true,
  wanted: ({ immutability }) =>
    immutability?.map(({ disabled, ...rule }, place) => ({
      ...{ name: nameOf(selectedOf(rule)), value: { ...selectedOf(rule), disabled } },
      path: ['immutability', place],
    })),
  async read({ harbor, name }) {
    const path = `${projectPath(name)}/immutabletagrules`
    const call = { method: 'GET', path, doing: `list the immutability rules of ${name}`, needs: '`immutable-tag:list`' } as const
    const rules = await allPages(harbor, call, wireRule)
    return new Map(rules.map(foundOf))
  },
  async write({ harbor, name }, [{ action, after, found }]) {
    const path = `${projectPath(name)}/immutabletagrules`
    const doing = `${action} an immutability rule of ${name}`
    const value = isMap(after) ? after : {}
    const body = { disabled: value['disabled'] === true, action: 'immutable', template: 'immutable_template', ...wireSelectors(value) }
    const one = `${path}/${found?.id ?? 0}`
    if (action === 'create') await harbor.send({ method: 'POST', path, body, doing, needs: '`immutable-tag:create`' })
    else if (action === 'update')
      await harbor.send({ method: 'PUT', path: one, body: { ...body, id: found?.id }, doing, needs: '`immutable-tag:update`' })
    else await harbor.send({ method: 'DELETE', path: one, doing, needs: '`immutable-tag:delete`' })
  },
  exported(found) {
    const rules = [...found.values()].flatMap(({ value }) => (isMap(value) && value['rule'] === undefined ? [value] : []))
    return rules.length === 0 ? undefined : rules
  },
}

function foundOf(rule: WireRule): readonly [string, Found] {
  const selected = selectedOfWire(rule)
  const id = rule.id ?? undefined
  if (selected !== undefined) return [nameOf(selected), { id, value: { ...selected, disabled: rule.disabled ?? false } }]
  const name = `rule ${id}, which the file has no words for`
  return [name, { id, value: { rule: JSON.stringify(rule), disabled: rule.disabled ?? false } }]
}

/** `v* in **`, `all but v* in all but libs/**` */
function nameOf(selected: Readonly<Record<string, Value>>): string {
  const part = (word: string): string =>
    selected[word] === undefined ? `all but ${String(selected[`${word}-except`])}` : String(selected[word])
  return `${part('tags')} in ${part('repositories')}`
}
