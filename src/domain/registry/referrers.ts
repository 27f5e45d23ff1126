import type { Digest } from '../../base/digest.ts'
import { asReferrer, type Content, parseIndex, subjectOf } from '../oci/schema.ts'
import { type Descriptor, mediaTypes } from '../oci/types.ts'
import { type Asked, jsonReply, type Reply } from './exchange.ts'
import { pageOf } from './pages.ts'
import { Refusal } from './refusal.ts'
import { readReferrer, referrerNames, removeReferrer, type Store, writeReferrer } from './store.ts'

/** Few enough that a page of descriptors with annotations stays below what clients read. */
const mostPerPage = 200

/** GET of what refers to a digest, one page of it, of the artifact types asked for, if any (distribution-spec §Listing Referrers). */
export async function handleReferrers(store: Store, { name, digest }: { name: string; digest: Digest }, asked: Asked): Promise<Reply> {
  if (asked.method !== 'GET') throw new Refusal(405, 'UNSUPPORTED', 'referrers are read', { allow: 'GET' })
  // The specification has one; containerd asks for several at once, and takes the answer for all of them.
  const wanted = asked.query.getAll('artifactType')
  const page = pageOf(await referrerNames(store, name, digest), asked, mostPerPage)
  const manifests = (await Promise.all(page.names.map((file) => readDescriptor(store, name, { subject: digest, file })))).flat()
  const filtered = wanted.length === 0 ? manifests : manifests.filter(({ artifactType }) => wanted.includes(artifactType ?? ''))
  const headers = {
    ...page.headers,
    'content-type': mediaTypes.index,
    ...(wanted.length === 0 ? {} : { 'oci-filters-applied': 'artifactType' }),
  }
  return jsonReply({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: filtered }, headers)
}

/** Enters a manifest that has a subject. */
export async function noteReferrer(
  store: Store,
  name: string,
  { content, descriptor }: { content: Content; descriptor: Descriptor },
): Promise<void> {
  const subject = subjectOf(content)
  if (subject === undefined) return
  await writeReferrer(store, name, {
    subject: subject.digest,
    digest: descriptor.digest,
    text: JSON.stringify(asReferrer(content, descriptor)),
  })
}

/** Takes a deleted manifest out again. */
export async function forgetReferrer(store: Store, name: string, { content, digest }: { content: Content; digest: Digest }): Promise<void> {
  const subject = subjectOf(content)
  if (subject !== undefined) await removeReferrer(store, name, { subject: subject.digest, digest })
}

/** None when it was deleted meanwhile. */
async function readDescriptor(
  store: Store,
  name: string,
  { subject, file }: { subject: Digest; file: string },
): Promise<readonly Descriptor[]> {
  const text = await readReferrer(store, name, { subject, file })
  return text === undefined ? [] : parseIndex(Buffer.from(`{"schemaVersion":2,"manifests":[${text}]}`), file).manifests
}
