import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TaskError } from '../../src/base/errors.ts'
import { detectHost } from '../../src/host/detect.ts'
import { processSurroundings } from '../../src/host/process-environment.ts'
import { endOnBugs, Stopped, stopOnSignals } from '../../src/host/signals.ts'
import { systemClock } from '../../src/io/clock.ts'
import { createPlaces, TemporaryFolders } from '../../src/io/files.ts'
import { createProcesses } from '../../src/io/process.ts'
import { createTransport } from '../../src/io/transport.ts'
import { execute } from '../../src/spec/execute.ts'
import type { Ports } from '../../src/spec/ports.ts'
import { emptyRecord, formatRecord, type ReleaseRecord } from '../../src/spec/record/record.ts'
import { run, task } from './echo-task.ts'

/** The program that the models run: a real host and real ports around the echo task, as a bundle has them. */
const surroundings = processSurroundings()
const host = detectHost({ surroundings })
const print = (line: string): void => host.log.warn(line)
endOnBugs({ print, version: 'test' })
const stop = stopOnSignals({ print, grace: 1500 })
const folders = new TemporaryFolders(host.temporary)
surroundings.onExit(() => void folders.removeAll())
const { log, workspace, redactor, environment } = host
const clock = systemClock(stop.signal)
const http = createTransport({ userAgent: 'slipway-test', clock, log, signal: stop.signal })
const ports: Ports = {
  ...{ log, http, clock, environment, signal: stop.signal, source: host.source, annotate: host.annotate, identity: host.identity(http) },
  progress: { doing: () => undefined },
  process: createProcesses({ environment, workspace, signal: stop.signal, log, redactor }),
  files: createPlaces({ workspace, state: join(workspace, '.slipway'), temporary: folders }),
  secrets: { mask: host.mask },
}

const cleaning = host.remembered()
if (cleaning !== undefined) log.info('cleaning up', { folder: cleaning.get('folder') })
else await main()
http.close()

async function main(): Promise<void> {
  try {
    host.remember('folder', await ports.files.temporary('echo'))
    const { failure, ...outcome } = await execute(
      { definition: task, load: async () => run },
      { inputs: host.inputs(task), record: emptyRecord, ports },
    )
    writeRecord(outcome.record)
    host.finish(task, { ...outcome, failed: failure !== undefined })
    if (failure !== undefined) fail(failure)
  } catch (error) {
    fail(error)
  }
}

function writeRecord(record: ReleaseRecord): void {
  try {
    mkdirSync(ports.files.state, { recursive: true })
    writeFileSync(join(ports.files.state, 'record.json'), formatRecord(record))
  } catch (error) {
    log.warn('no record', { reason: messageOf(error) })
  }
}

function fail(failure: unknown): void {
  host.annotate({ level: 'error', message: messageOf(failure), title: failure instanceof TaskError ? failure.code : 'bug' })
  process.exitCode = failure instanceof Stopped ? failure.exitCode : failure instanceof TaskError ? failure.exit : 1
}
