import type { Application, Project, SyncWindow } from './types.ts'

/** The windows of a project that are for this application. All schedules here are open all the time: `* * * * *`. */
export function windowsOf({ metadata: { name } }: Application, project: Project | undefined): readonly SyncWindow[] {
  return (project?.spec.syncWindows ?? []).filter(({ applications = [] }) =>
    applications.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)),
  )
}

/** Whether it may be synced now, by somebody or by itself. */
export function mayRun(windows: readonly SyncWindow[], isManual: boolean): boolean {
  const denied = windows.filter(({ kind }) => kind === 'deny')
  if (denied.length > 0) return isManual && denied.every(({ manualSync }) => manualSync === true)
  return true
}
