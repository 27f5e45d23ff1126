/** A web server as its image has it. */
export interface WebServer {
  /** From where it serves without being told. */
  readonly folder: string
  /** Whether it can start as root only. */
  readonly startsAsRoot?: true
}

/** The one to name when none was given: runs as a user, listens on 8080. */
export const usualServer = 'docker.io/nginxinc/nginx-unprivileged:stable-alpine'

/** By the last part of the repository's name, as mirrors keep it. */
const servers: Readonly<Record<string, WebServer>> = {
  'nginx-unprivileged': { folder: '/usr/share/nginx/html' },
  nginx: { folder: '/usr/share/nginx/html', startsAsRoot: true },
  httpd: { folder: '/usr/local/apache2/htdocs', startsAsRoot: true },
  caddy: { folder: '/usr/share/caddy' },
}

/** The web server that an image is known to be, by its name as the user wrote it. */
export function webServerOf(base: string): WebServer | undefined {
  const [, name = ''] = /(?:^|\/)([^/:@]+)(?::[^/@]*)?(?:@.*)?$/.exec(base) ?? []
  return Object.hasOwn(servers, name) ? servers[name] : undefined
}
