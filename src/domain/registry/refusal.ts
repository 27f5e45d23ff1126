import { type Headers, jsonReply, type Reply } from './exchange.ts'

/** Error codes of distribution-spec §Error Codes, and the one for bad page sizes that clients know from distribution. */
export type RefusalCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'PAGINATION_NUMBER_INVALID'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED'

/** A request that is answered with an error of the specification. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: RefusalCode
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }

  /** With the body `{"errors":[{code, message}]}`. */
  get reply(): Reply {
    return errorReply(this)
  }
}

/** An answer of the specification's error body. */
export function errorReply({
  status,
  code,
  message,
  headers,
}: {
  status: number
  code: string
  message: string
  headers?: Headers
}): Reply {
  return jsonReply({ errors: [{ code, message }] }, headers, status)
}
