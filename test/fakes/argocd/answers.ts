/** A refusal in the words of Argo CD's gateway: a gRPC code, and the HTTP status that belongs to it. */
export class Refused extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.body = { error: message, code, message }
  }
}

export const invalid = (message: string): Refused => new Refused(400, 3, message)
export const notFound = (name: string): Refused => new Refused(404, 5, `applications.argoproj.io "${name}" not found`)
export const denied = (detail = ''): Refused => new Refused(403, 7, `permission denied${detail}`)
export const precondition = (message: string): Refused => new Refused(400, 9, message)
export const unauthenticated = (message: string): Refused => new Refused(401, 16, message)
