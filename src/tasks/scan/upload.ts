import * as v from 'valibot'
import { messageOf } from '../../base/errors.ts'
import { type AnalysisTarget, isOnGithub, reasonNotTo, targetOf } from '../../domain/codescanning/github-run.ts'
import { type Uploaded, uploadSarif } from '../../domain/codescanning/upload.ts'
import { readJson } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { scanUpload } from './errors.ts'
import type { task } from './task.ts'

type ScanContext = Context<'subject'>

/** Uploads what it is given; what comes of it is told, and never changes what the gate says. */
export type Upload = (compressed: Buffer) => Promise<void>

/** In bytes: the payload of an event has at most 25 MB. */
const mostEvent = 32 * 2 ** 20
const title = 'Code scanning'

/** What is to be done with the findings at their end, found out before anything is scanned. @throws SW-SCAN-UPLOAD */
export async function uploadOf({ upload }: Pick<InputOf<typeof task>, 'upload'>, context: ScanContext): Promise<Upload> {
  const { environment, source } = context
  const nothing: Upload = () => Promise.resolve()
  if (upload === 'false') return nothing
  const target = isOnGithub(environment) ? targetOf(environment, source) : 'this is no run of GitHub Actions'
  if (typeof target === 'string') {
    if (upload === 'auto') return nothing
    throw scanUpload(`The findings cannot be uploaded: ${target}.`, { safe: 'nothing was scanned' })
  }
  const why = reasonNotTo(environment, await payloadOf(environment['GITHUB_EVENT_PATH']))
  if (why === undefined) return (compressed) => send(target, compressed, context)
  const message = `The findings are not uploaded: ${why}. They are in the output \`sarif\`.`
  return () => Promise.resolve(context.annotate({ level: 'notice', title, message }))
}

/** Nothing where there is no file, or none that can be read: then the server says whether the token may write. */
async function payloadOf(path: string | undefined): Promise<unknown> {
  return path === undefined ? undefined : readJson(path, mostEvent).catch(() => undefined)
}

async function send(target: AnalysisTarget, compressed: Buffer, context: ScanContext): Promise<void> {
  context.progress.doing('uploading the findings to code scanning')
  const uploaded = await uploadSarif({ target, compressed, workspace: context.files.workspace }, context).catch(
    (error: unknown): Uploaded => {
      context.signal.throwIfAborted()
      return { status: 'refused', why: v.isValiError(error) ? 'the answer of the server is not understood' : messageOf(error) }
    },
  )
  const { repository } = target
  if ('why' in uploaded) context.annotate({ level: 'warning', title, message: tell(uploaded) })
  else if (uploaded.status === 'complete') context.log.info('uploaded to code scanning', { repository, id: uploaded.id })
  else context.log.warn('uploaded to code scanning, which is still at work on it', { repository, id: uploaded.id })
}

function tell({ status, why }: Extract<Uploaded, { readonly why: string }>): string {
  const what = status === 'failed' ? 'Code scanning could not work through the findings' : 'The findings were not uploaded'
  const hint = /^40[34]:/.test(why)
    ? ' Give the job `permissions: security-events: write`, and turn on code scanning for the repository; or set `upload: false`.'
    : ''
  return `${what}: ${why}.${hint} The verdict stands; the findings are in the output \`sarif\`.`
}
