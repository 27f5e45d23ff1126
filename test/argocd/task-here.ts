import { Redactor } from '../../src/base/redact.ts'
import { createProcesses } from '../../src/io/process.ts'
import { createTransport } from '../../src/io/transport.ts'
import { execute } from '../../src/spec/execute.ts'
import type { HttpRequest, Ports } from '../../src/spec/ports.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run } from '../../src/tasks/argocd-sync/run.ts'
import { task } from '../../src/tasks/argocd-sync/task.ts'
import type { StageClock } from '../fakes/argocd/clock.ts'
import { fakePorts } from '../fakes/ports.ts'
import type { Inputs, Outcome } from './scene.ts'

export interface Here {
  readonly clock: StageClock
  readonly cancel?: AbortSignal | undefined
  /** What the host knows of the run. Default: nothing. */
  readonly run?: Partial<Pick<Ports, 'environment' | 'source'>> | undefined
}

/** `argocd-sync` in this process, on the clock of a stage. */
export async function syncHere(inputs: Inputs, { clock, cancel = new AbortController().signal, run: facts }: Here): Promise<Outcome> {
  const asked = {
    now: clock.now,
    sleep: (milliseconds: number): Promise<void> => Promise.race([clock.sleep(milliseconds), aborted(cancel)]),
  }
  const { ports, recorded } = fakePorts({ clock: asked, signal: cancel })
  const http = createTransport({ userAgent: 'test', clock: asked, log: ports.log, signal: cancel })
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({
    environment,
    workspace: ports.files.workspace,
    signal: cancel,
    log: ports.log,
    redactor: new Redactor(),
  })
  const { outputs, failure, headline, summary } = await execute(
    { definition: task, load: async () => run },
    {
      inputs: new Map(Object.entries(inputs)),
      record: emptyRecord,
      ports: {
        ...{ ...ports, ...facts },
        http: { request: (asked) => http.request(hurried(asked, clock)) },
        process: { ...processes, run: (request) => clock.during(processes.run(request)) },
      },
    },
  )
  http.close()
  const said = [
    ...recorded.lines,
    headline,
    JSON.stringify(summary),
    failure instanceof Error ? `${failure.message} ${JSON.stringify(failure)}` : '',
  ]
  const exit = cancel.aborted ? 143 : failure === undefined ? 0 : 1
  return { result: outputs.get('result') ?? '', exit, log: said.join('\n') }
}

/** Sockets go by the machine's clock. What waits for news is asked anew when its time is over; any other answer may take a slow machine longer. */
function hurried(asked: HttpRequest, { speed }: StageClock): HttpRequest {
  if (asked.holdsNoPlace !== true) return asked
  const { idleTimeout = 60_000, deadline = 300_000 } = asked
  return { ...asked, idleTimeout: idleTimeout / speed, deadline: deadline / speed }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}
