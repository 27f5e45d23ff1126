import { resolve } from 'node:path'
import { isDigest } from '../../base/digest.ts'
import { formatReference, isReferenceFault, parseReference } from '../../base/reference.ts'
import { connectRegistry, type RegistryPorts } from '../oci/registry.ts'
import type { BaseName } from './base.ts'
import { settingInvalid } from './errors.ts'
import { layoutSource, repositorySource } from './image-source.ts'

/** Where the layers of a base from a registry go: into the layout, or nowhere. `auto`: nowhere when it is known where the image will be pushed to. */
export type BaseLayers = 'auto' | 'layout' | 'registry'

export interface BaseContext {
  readonly workspace: string
  readonly ports: RegistryPorts
  readonly layers: BaseLayers
  /** The repository that the image will be pushed to, when that is known. */
  readonly pushTo?: string | undefined
}

/**
 * Reads what a user writes as `base`: `scratch`, `node-runtime`, `oci:PATH`, `oci:PATH:NAME`, `oci:PATH@DIGEST`, or a
 * reference that names its registry. Nothing is fetched yet. @throws SW-BUILD-SETTING
 */
export function parseBase(text: string, { workspace, ports, layers, pushTo }: BaseContext): BaseName {
  if (text === 'scratch' || text === 'node-runtime') return { kind: text }
  if (text.startsWith('oci:')) return layoutBase(text, workspace, ports)
  const reference = parseReference(text)
  if (isReferenceFault(reference)) {
    const meant = reference.suggestion === undefined ? '' : `; did you mean ${reference.suggestion}?`
    throw settingInvalid(
      `base is ${JSON.stringify(text)}, which is neither scratch, node-runtime nor oci:PATH, and as a reference it ${reference.error}${meant}`,
    )
  }
  const { registry, repository, tag } = reference
  const stays = layers === 'registry' || (layers === 'auto' && pushTo !== undefined)
  return {
    kind: 'image',
    name: formatReference(reference),
    // The digest has an annotation of its own.
    reference: formatReference({ registry, repository, ...(tag === undefined ? {} : { tag }) }),
    ...(stays ? { layersAt: formatReference({ registry, repository }) } : {}),
    open: () => repositorySource(connectRegistry(registry, ports).repository(repository), reference),
  }
}

function layoutBase(text: string, workspace: string, ports: RegistryPorts): BaseName {
  const [, path = '', name, digest] = /^oci:([^:@]+)(?::([^:@]+)|@(.+))?$/.exec(text) ?? []
  if (path === '' || (digest !== undefined && !isDigest(digest))) {
    throw settingInvalid(`base is ${JSON.stringify(text)}, expected oci:PATH, oci:PATH:NAME or oci:PATH@sha256:…`)
  }
  const which = { ...(name === undefined ? {} : { name }), ...(digest !== undefined && isDigest(digest) ? { digest } : {}) }
  return {
    kind: 'image',
    name: text,
    open: () => layoutSource(resolve(workspace, path), which, (registry) => connectRegistry(registry, ports)),
  }
}
