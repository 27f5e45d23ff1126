import { boolean, secret, text } from '../../../spec/kinds.ts'

/** Inputs by which a task takes an account at a registry; where none is given, `credentials.ts` says where one is looked for. */
export const accountInputs = {
  username: text({
    optional: true,
    summary:
      'User or robot account at the registry. Without it credentials come from DOCKER_AUTH_CONFIG or the configuration files of Docker and podman with their credential helpers, else from the identity of the run at the registry’s cloud (docs/guides/registries.md).',
  }),
  password: secret({ optional: true, summary: 'Password or token of that account.' }),
  plainHttp: boolean({
    default: false,
    summary: 'Use plain HTTP, without TLS, for this registry. A registry on loopback does not need it.',
  }),
} as const
