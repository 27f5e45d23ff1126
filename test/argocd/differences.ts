/** Where two JSON values differ: `.status.sync.revision: …, not …`. */
export function differences(wanted: unknown, given: unknown, at = ''): readonly string[] {
  if (Object.is(wanted, given)) return []
  const isSameKind = typeof wanted === typeof given && Array.isArray(wanted) === Array.isArray(given)
  if (typeof wanted !== 'object' || wanted === null || given === null || !isSameKind)
    return [`${at}: ${shown(given)}, not ${shown(wanted)}`]
  const names = new Set([...Object.keys(wanted), ...Object.keys(Object(given))])
  return [...names].flatMap((name) => differences(Object(wanted)[name], Object(given)[name], `${at}.${name}`))
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 160)
}
