/** An OAuth 2.0 access token of Google’s. */
export interface AccessToken {
  readonly value: string
  /** Milliseconds since 1970; undefined when nobody said. */
  readonly expires: number | undefined
  readonly source: string
}

/** What any service of Google Cloud is used with. */
export const cloudScope = 'https://www.googleapis.com/auth/cloud-platform'
