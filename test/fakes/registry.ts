import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthOptions, TokenQuestion } from '../../src/domain/registry/auth/dialect.ts'
import type { Reply as AnyReply, Asked } from '../../src/domain/registry/exchange.ts'
import { createFaultRegistry } from '../../src/domain/registry/faults/fault-registry.ts'
import type { Rule } from '../../src/domain/registry/faults/rule.ts'
import { errorReply as anyErrorReply } from '../../src/domain/registry/refusal.ts'
import { serve } from '../../src/domain/registry/serve.ts'
import { listen } from '../../src/io/server.ts'
import type { Clock, Log } from '../../src/spec/ports.ts'

export interface Reply extends AnyReply {
  /** The length that is promised; fewer bytes are a cut connection. */
  readonly announce?: number
}

/** A fault by functions, for the requests whose `METHOD path` it is about and as often as it says; or a rule of the product's. */
export type Fault =
  | Rule
  | {
      readonly on: RegExp
      /** Default: always. */
      readonly times?: number
      /** Answers in place of the registry. */
      readonly instead?: (asked: Asked) => Reply
      /** Changes what the registry answered. */
      readonly after?: (reply: AnyReply, asked: Asked) => Reply
    }

export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:5000` */
  readonly address: string
  readonly url: string
  /** `METHOD path status`, digests and upload sessions shortened, in the order of the answers. */
  readonly log: string[]
  /** Every request that reached the server, also those cut; paths with their queries. */
  readonly asked: Pick<Asked, 'method' | 'path' | 'headers'>[]
  /** What the token service was asked. */
  readonly tokens: readonly TokenQuestion[]
  fail(...faults: Fault[]): void
  /** The registry behind, without any fault. */
  readonly inner: string
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }

export interface FakeRegistryOptions {
  readonly auth?: AuthOptions
  readonly faults?: readonly Fault[]
  /** What delays and slow rates wait on. Default: the machine's. */
  readonly clock?: Clock
  /** PEM texts: the faults are spoken over TLS then. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** The product's fault registry on loopback, in a folder of its own. */
export async function startFakeRegistry({ auth, faults = [], clock, ...secured }: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-fake-registry-'))
  const [log, asked, tokens]: [string[], FakeRegistry['asked'], TokenQuestion[]] = [[], [], []]
  const { handler, registry, fail } = await createFaultRegistry({
    root,
    log: silent,
    ...(clock === undefined ? {} : { clock }),
    faults: faults.map(ruleOf),
    ...(auth === undefined ? {} : { auth: { service: 'fake', onQuestion: (question) => void tokens.push(question), ...auth } }),
    onRequest: ({ method, target, headers }) => void asked.push({ method, path: target, headers }),
    onAnswer: ({ method, path, status }) => void log.push(shortened(`${method} ${path} ${status}`)),
  })
  const [inner, server] = [await listen(serve(registry, silent)), await listen(handler, secured)]
  return {
    address: server.address,
    url: server.url,
    ...{ inner: inner.url, log, asked, tokens },
    fail: (...more) => fail(...more.map(ruleOf).reverse()),
    async [Symbol.asyncDispose]() {
      await server.close()
      await inner.close()
      await rm(root, { recursive: true })
    },
  }
}

/** A reply of the registry's error body. */
export function errorReply(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return anyErrorReply({ status, code, message: `${code} by the fake`, headers })
}

function ruleOf(fault: Fault): Rule {
  if ('action' in fault) return fault
  const { on, times, instead, after } = fault
  return {
    ...{ name: 'fake', on: { line: on }, action: 'custom' },
    ...(times === undefined ? {} : { times }),
    ...(instead === undefined ? {} : { answer: (asked: Asked) => announced(instead(asked)) }),
    ...(after === undefined ? {} : { change: (reply: AnyReply, asked: Asked) => announced(after(reply, asked)) }),
  }
}

function announced({ announce, ...reply }: Reply): AnyReply {
  return announce === undefined ? reply : { ...reply, headers: { ...reply.headers, 'content-length': announce } }
}

function shortened(line: string): string {
  return line
    .replace(/(sha256(?::|%3A|-)[0-9a-f]{4})[0-9a-f]{60}/g, '$1')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'SESSION')
    .replaceAll('%3A', ':')
}
