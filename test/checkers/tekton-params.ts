import { references, texts } from './tekton-references.ts'
import type { ParamSpec } from './tekton-shapes.ts'

type Params = readonly ParamSpec[]

/** Rule 1: names, their uniqueness without regard to case, types and defaults. */
export function paramViolations(params: Params): readonly string[] {
  const names = params.map(({ name }) => name.toLowerCase())
  return params.flatMap((param, place) => [
    ...(nameFits(param) ? [] : [`param ${param.name}: the name is malformed`]),
    ...(names.indexOf(param.name.toLowerCase()) === place ? [] : [`param ${param.name}: declared twice, case apart`]),
    ...(param.type === 'object' && param.properties === undefined ? [`param ${param.name}: an object needs properties`] : []),
    ...(param.default === undefined || typeOf(param.default) === (param.type ?? 'string')
      ? []
      : [`param ${param.name}: the default is no ${param.type ?? 'string'}`]),
  ])
}

/** Rules 2 and 6: only declared params, arrays only as whole elements of `command` and `args`, objects only by key. */
export function paramUseViolations(params: Params, spec: unknown): readonly string[] {
  return texts(spec).flatMap(({ path, text }) =>
    references(text)
      .filter(({ root }) => root === 'params')
      .flatMap(({ rest, index, text: whole }) => {
        const name = rest.split('.')[0] ?? ''
        const param = params.find((candidate) => candidate.name === rest) ?? params.find((candidate) => candidate.name === name)
        if (param === undefined) return [`${path}: ${whole} names no param`]
        if (param.type === 'object' && param.properties?.[rest.slice(name.length + 1)] === undefined)
          return [`${path}: ${whole} is not a key of the object`]
        if (param.type !== 'array' || (index !== undefined && index !== '*')) return []
        const isolated = /(?:^|\.)(?:command|args)\.\d+$/.test(path) && text === whole
        return isolated ? [] : [`${path}: the array ${whole} is not a whole element of command or args`]
      }),
  )
}

function nameFits({ name, type }: ParamSpec): boolean {
  return type === 'object' ? /^[_a-zA-Z][_a-zA-Z0-9-]*$/.test(name) : /^[_a-zA-Z][_a-zA-Z0-9.-]*$/.test(name)
}

function typeOf(value: unknown): string {
  if (typeof value === 'string') return 'string'
  return Array.isArray(value) ? 'array' : 'object'
}
