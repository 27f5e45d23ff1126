import type { Delivery, Order } from '../piece-threads.ts'

/** What a thread is started with. */
export interface WorkerData {
  readonly program: WebAssembly.Module
  readonly memory: WebAssembly.Memory
}

/**
 * What a thread does. Its text is what the thread is given, so that it needs no file: it uses nothing from outside of itself.
 */
export function work(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { program, memory }: WorkerData = workerData
  const { deflate } = new WebAssembly.Instance(program, { env: { memory } }).exports
  if (typeof deflate !== 'function') throw new Error('the program has no deflate')
  parentPort?.on('message', ({ from, before, size, to }: Order) => {
    parentPort.postMessage({ to, size: deflate(from, before, size, to) } satisfies Delivery)
  })
}
