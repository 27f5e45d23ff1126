const hosts = [/^[a-z0-9]+(?:-[a-z0-9]+)*-docker\.pkg\.dev$/, /^(?:(?:us|eu|asia)\.)?gcr\.io$/]

/** Whether a host is Artifact Registry, or Container Registry, which it serves now. */
export function isArtifactRegistry(registry: string): boolean {
  return hosts.some((host) => host.test(registry))
}
