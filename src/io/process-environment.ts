export type Environment = Readonly<Record<string, string | undefined>>

/** What every program needs to find its files, its language, and its way through a proxy. */
const toolNames = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LANGUAGE', 'TZ', 'TERM'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR', 'DOCKER_CONFIG'],
])

/** The runner's command files: a program that writes them would speak to the runner in our name. */
const commandFiles = new Set(['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'])

/**
 * What a child sees of our environment. `tool`: an allow-list. `user`: everything but our inputs, results and state,
 * the CI system's tokens (`ACTIONS_*`, GITHUB_TOKEN) and command files. `added` comes on top and wins.
 */
export function childEnvironment(
  ours: Environment,
  inherit: 'tool' | 'user',
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const passes = inherit === 'tool' ? isForTools : isForUsers
  const kept = Object.entries(ours).filter((entry): entry is [string, string] => entry[1] !== undefined && passes(entry[0]))
  return { ...Object.fromEntries(kept), ...added }
}

function isForTools(name: string): boolean {
  return toolNames.has(name) || name.startsWith('LC_')
}

function isForUsers(name: string): boolean {
  return !/^(?:INPUT|RESULT|STATE|ACTIONS)_/.test(name) && name !== 'GITHUB_TOKEN' && !commandFiles.has(name)
}
