/** Whether a host with or without a port is this machine, by its name: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host)
}
