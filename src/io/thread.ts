import { Worker } from 'node:worker_threads'
import { messageOf } from '../base/errors.ts'
import { threadFailed } from './errors.ts'

/** What a thread is. */
export interface ThreadPlan<Data, Question, Answer> {
  readonly name: string
  /**
   * Makes what answers, from what the thread is started with. Its text is all that the thread gets, so that it needs no file: it uses
   * nothing from outside of itself.
   */
  readonly make: (data: Data) => (question: Question) => Answer
  readonly data: Data
  /** Its own objects, in megabytes, where it makes so many that it should look for those it has done with. Default: Node's. */
  readonly heap?: number
}

interface Asked<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/**
 * A thread that answers one question after the other. Bytes in shared memory are not copied on their way to it. A process goes on for as
 * long as an answer is awaited, and no longer for the thread's sake.
 */
export class Thread<Data, Question, Answer> {
  readonly #worker: Worker
  readonly #asked: Asked<Answer>[] = []
  readonly #ended: () => void
  #failure: Error | undefined

  /** Throws what Node does where the system has no room for a thread. `ended` is told when it answers no more. */
  constructor({ name, make, data, heap }: ThreadPlan<Data, Question, Answer>, ended: () => void = () => undefined) {
    const resourceLimits = heap === undefined ? {} : { maxOldGenerationSizeMb: heap }
    this.#ended = ended
    this.#worker = new Worker(textOf(make), { eval: true, workerData: data, env: {}, execArgv: [], name, resourceLimits })
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => this.#hear(answer))
    this.#worker.on('error', (cause) => this.#fail(threadFailed(`A thread ${name} failed: ${messageOf(cause)}.`, { cause })))
    this.#worker.on('exit', (code) => this.#fail(threadFailed(`A thread ${name} ended with ${code}, expected it to go on.`)))
  }

  /** Questions without an answer. */
  get waiting(): number {
    return this.#asked.length
  }

  /** Throws SW-THREAD-FAILED. */
  ask(question: Question): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      // First, as it throws where there is no memory for a copy: an answer that nobody gives would be taken from who asks next.
      this.#worker.postMessage(question)
      if (this.#asked.push({ resolve, reject }) === 1) this.#worker.ref()
    })
  }

  /** Gives the thread up, whatever it was asked. */
  close(): void {
    void this.#worker.terminate()
  }

  #hear(answer: Answer): void {
    this.#asked.shift()?.resolve(answer)
    if (this.#asked.length === 0) this.#worker.unref()
  }

  #fail(failure: Error): void {
    this.#failure ??= failure
    this.#ended()
    for (const { reject } of this.#asked.splice(0)) reject(this.#failure)
  }
}

function textOf(make: unknown): string {
  return `
    const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
    const answer = (${make})(workerData)
    parentPort.on('message', (question) => parentPort.postMessage(answer(question)))
  `
}
