import { TaskError } from '../../base/errors.ts'
import { GrowingFile } from '../../io/growing-file.ts'
import { piecesOf } from '../../io/pieces.ts'
import type { Pieces } from '../../spec/ports.ts'
import type { Repository } from './registry.ts'
import type { RegistryRequest } from './session.ts'
import { askUpload, locationOf, offsetOf, pushScopes, startUpload, type Upload } from './upload-session.ts'

/** Milliseconds: longer than that for one request without a body, and the push would wait for what saves it less. */
export const patience = 10_000
const doing = 'push a layer to'
/** Milliseconds without a byte that moves, which is noted the second or third such time only. */
const mostIdle = 4000
/** Milliseconds for a layer to be packed and sent. What does not move ends long before; behind its deadline a request gives an answer no time. */
const mostTime = 24 * 3_600_000
/** Bytes in a millisecond that a registry puts away at least, once it has them: it hashes and syncs them before it answers. */
const leastRate = 50_000
/** Milliseconds: a push that sends a blob itself waits no longer for a byte. */
const mostPatience = 60_000

/** One blob on its way to a repository while it is written. Nothing of it is told, and nothing of it fails: the push asks and sends as ever. */
export class BlobAhead {
  readonly file = new GrowingFile()
  readonly #repository: Repository
  /** Bytes, about. */
  readonly #size: number
  readonly #stop = new AbortController()
  readonly #sent: Promise<Upload | undefined>
  #begun: Upload | undefined
  /** Whether somebody waits for it. */
  #isAwaited = false
  /** When the network was handed the first of it. */
  #since = 0
  /** Whether all of it has been handed to the network. */
  #isThrough = false

  /** Begins when `isLacking` says that the repository needs it. */
  constructor(repository: Repository, size: number, isLacking: () => Promise<boolean>) {
    this.#repository = repository
    this.#size = size
    this.#sent = this.#send(isLacking)
  }

  /**
   * The upload that is only to be committed, when the registry took a blob of that size. Undefined else, soon after nothing moves any more;
   * the registry may throw away what it has then. `onSent` is told how many bytes are sent meanwhile.
   */
  async taken(size: number, onSent: ((bytes: number) => void) | undefined): Promise<Upload | undefined> {
    this.#isAwaited = true
    this.file.watch(onSent)
    const sent = await this.#sent
    return sent?.offset === size ? sent : undefined
  }

  /** Ends it where it stands, and tells the registry. Never rejects. */
  async giveUp(): Promise<void> {
    this.#stop.abort(new Error('given up'))
    this.file.close()
    await this.#sent
    if (this.#begun !== undefined) await cancelUpload(this.#repository, this.#begun)
  }

  /** Never rejects: what is wrong with the registry, the push meets as well, and tells. */
  async #send(isLacking: () => Promise<boolean>): Promise<Upload | undefined> {
    const repository = this.#repository
    try {
      if (!(await isLacking())) return undefined
      this.#stop.signal.throwIfAborted()
      // Not ended in its midst: what was begun then, nobody could give up.
      this.#begun = await startUpload(repository, doing, { ...once, deadline: patience })
      return await this.#sendTo(this.#begun)
    } catch (error) {
      const reason = error instanceof TaskError ? error.code : 'given up'
      repository.log.debug('a layer was not sent while it was packed', { to: repository.name, reason })
      return undefined
    } finally {
      // Whether anybody takes what was sent or not.
      this.file.close()
    }
  }

  async #sendTo(upload: Upload): Promise<Upload> {
    const repository = this.#repository
    const answered = await repository.send({
      ...{ method: 'PATCH', url: upload.location, scopes: pushScopes(repository), doing, expect: [201, 202, 204] },
      headers: { 'content-type': 'application/octet-stream' },
      body: { open: () => this.#open() },
      ...{ ...once, idempotent: false, priority: 'blob', deadline: mostTime },
      ...{ signal: this.#stop.signal, idleTimeout: mostIdle, moreIdle: () => this.#moreIdle() },
    })
    await answered.discard()
    const location = answered.header('location') === undefined ? upload.location : await locationOf(repository, answered)
    this.#begun = { ...upload, location }
    const offset = offsetOf(answered) ?? (await this.#offsetAt(this.#begun))
    return { ...this.#begun, offset }
  }

  #open(): Pieces {
    this.#isThrough = false
    this.#since = this.#repository.clock.now()
    const source = this.file.read()
    return { ...piecesOf(this.#handed(source)), destroy: () => source.destroy() }
  }

  async *#handed(source: Pieces): AsyncGenerator<Uint8Array> {
    yield* source
    this.#isThrough = true
  }

  /** Milliseconds that nothing needs to move for, when nothing has for so long. While nobody waits there is time. */
  #moreIdle(): number {
    if (!this.#isAwaited) return mostIdle
    if (!this.#isThrough) return 0
    // Once: to send all of it again would take longer than its answer may.
    this.#isThrough = false
    return answerTime(this.#size, this.#repository.clock.now() - this.#since)
  }

  /** Registries need not say how far they are in their answer to a PATCH. */
  async #offsetAt(upload: Upload): Promise<number> {
    const asked = { doing, size: Number.POSITIVE_INFINITY, limits: { ...once, deadline: patience, signal: this.#stop.signal } }
    return (await askUpload(this.#repository, asked, upload))?.offset ?? 0
  }
}

/**
 * Milliseconds to wait for an answer once a body is handed over, which took so many milliseconds. A kernel or a proxy may hold half of
 * it then: a line that was slow so far takes as long again.
 */
export function answerTime(size: number, took: number): number {
  return Math.max(patience - mostIdle + size / leastRate, Math.min(took, mostPatience))
}

/** The push tries again, and says why it waits. */
const once = { attempts: 1 } as const satisfies Pick<RegistryRequest, 'attempts'>

/** Registries throw such uploads away by themselves, some after days. Also when the run was stopped. Never rejects. */
export async function cancelUpload(repository: Repository, { location }: Upload): Promise<void> {
  try {
    const answered = await repository.send({
      ...{ method: 'DELETE', url: location, scopes: pushScopes(repository), doing: 'give up an upload to' },
      expect: [200, 202, 204, 400, 404, 405],
      ...{ ...once, deadline: 5000, evenStopped: true },
    })
    await answered.discard()
  } catch {
    // It costs the registry a little room for a while.
  }
}
