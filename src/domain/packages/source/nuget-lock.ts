import * as v from 'valibot'
import type { Draft } from '../cataloguer.ts'
import { hashesOfIntegrity } from '../integrity.ts'
import { lockFile } from './lock-file.ts'

const text = v.string()
const listed = v.object({
  type: text,
  resolved: v.optional(text),
  contentHash: v.optional(text),
  dependencies: v.optional(v.record(text, text), {}),
})
const document = v.object({ dependencies: v.optional(v.record(text, v.record(text, listed)), {}) })

/** NuGet's `packages.lock.json`, for each framework; the projects of the solution are none. */
export const nugetLock = lockFile(/^packages(?:\.[^/]+)?\.lock\.json$/, (content) => ({
  packages: Object.entries(v.parse(document, JSON.parse(content), { abortEarly: true }).dependencies).flatMap(([framework, packages]) =>
    Object.entries(packages).flatMap(([name, { type, resolved, contentHash, dependencies }]): readonly Draft[] => {
      if (type === 'Project') return []
      // Names differ by no more than their case.
      const keyOf = (one: string): string => `${framework} ${one.toLowerCase()}`
      const needs = Object.keys(dependencies).map(keyOf)
      const found = { type: 'nuget', name, version: resolved ?? '', key: keyOf(name), licenses: [] } as const
      return [{ ...found, ...hashesOfIntegrity(`sha512-${contentHash}`), ...(needs.length === 0 ? {} : { needs }) }]
    }),
  ),
}))
