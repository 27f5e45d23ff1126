/** What of the run's environment says where stores are: GitHub's API, and the API server of a pod. */
export const secretStoreEnvironment = ['GITHUB_API_URL', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'] as const
