/** Exchanges, by their number, that the fake answers otherwise, and why. */
export const uncovered: Readonly<Record<string, readonly number[]>> = {
  // The project that uses most is of another scenario.
  '04-quota': [4],
  // A tag that somebody else made in between.
  '09-tags': [12],
  // A child that was pushed with a tag of its own outlives its index.
  '12-copy-delete-names': [47],
  // The list of a repository that other scenarios pushed to; the security hub.
  '16-scan': [29, 222, 223],
  // A referrer that was pushed in between, and its bytes.
  '17-prevent-vul': [8, 35, 62],
  '18b-sbom-unsupported': [12],
  // Deliveries of webhooks, which the fake does not make, and what keeps their policy.
  '19-webhooks': [55, 56, 57, 58, 61, 62],
  '19b-webhook-payloads': [40],
  // Nothing is collected.
  '21b-gc-real': [98, 99],
  '22-audit-log': [7],
  // A policy of replication as Harbor fills it in.
  '23-replication-config-jobs': [12, 16],
  // Which of two deletions of one thing met which row of the database.
  '24-races': [28, 56, 59, 60, 62],
  // The order of artifacts that were pushed in the same second; of robots.
  '26-extras': [14, 15],
  '27-permissions': [52, 53, 108, 136, 165],
  '28-proxy-cache': [31],
  // Blobs by sha512, which docker-registry keeps by sha256; a token that is over while another is not.
  '29-token-expiry-spec': [7, 22],
}
