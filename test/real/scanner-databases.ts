import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { labFile } from '../../scripts/lab.ts'
import { output } from './program.ts'

/** A vulnerability of a package, for a database of grype; without a package it only says what the name means. */
export interface GrypeEntry {
  readonly ID: string
  /** Whose record it is: `github`, `debian`, `nvd`. */
  readonly Provider: string
  readonly Ecosystem?: string
  readonly Package?: string
  readonly OS?: string
  readonly Major?: string
  readonly Codename?: string
  readonly Aliases?: readonly string[]
  readonly Severity?: string
  readonly Vector?: string
  readonly Constraint?: string
  readonly Type?: string
  readonly Fixed?: string
  readonly State?: string
}

/** Writes a database of grype, schema 6, with grype's own writer; `cache` is what GRYPE_DB_CACHE_DIR is then. */
export async function writeGrypeDatabase(cache: string, entries: readonly GrypeEntry[]): Promise<void> {
  const folder = join(cache, '6')
  mkdirSync(folder, { recursive: true })
  await output([await writer(`${cache}-writer`, { name: 'grype', module: 'anchore' }), folder], { input: JSON.stringify(entries) })
}

/** Buckets of a database of trivy within each other; `{ '': value }` is a value. */
export interface Buckets {
  readonly [name: string]: Buckets | { readonly '': unknown }
}

/** Writes a database of trivy, schema 2; `cache` is what TRIVY_CACHE_DIR is then. */
export async function writeTrivyDatabase(cache: string, buckets: Buckets, updated: Date): Promise<void> {
  const folder = join(cache, 'db')
  mkdirSync(folder, { recursive: true })
  await output([await writer(`${cache}-writer`, { name: 'trivy', module: 'trivy' }), join(folder, 'trivy.db')], {
    input: JSON.stringify(buckets),
  })
  const [UpdatedAt, NextUpdate] = [updated.toISOString(), new Date(updated.getTime() + 86_400_000).toISOString()]
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify({ Version: 2, UpdatedAt, NextUpdate, DownloadedAt: UpdatedAt }))
}

/** A program that writes databases, built as the lab builds the scanner itself: of what Go has fetched for that. */
async function writer(build: string, { name, module }: { readonly name: string; readonly module: string }): Promise<string> {
  const folder = join(dirname(labFile), 'go', module)
  mkdirSync(build, { recursive: true })
  for (const file of ['go.mod', 'go.sum']) copyFileSync(join(folder, file), join(build, file))
  copyFileSync(join(import.meta.dirname, '..', 'scanners', 'databases', name, 'main.go'), join(build, 'main.go'))
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOPROXY: 'off' }
  await output(['go', 'build', '-mod=mod', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', join(build, 'writer'), '.'], {
    cwd: build,
    env,
  })
  return join(build, 'writer')
}
