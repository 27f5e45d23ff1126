/** Signs the bytes of a commit; what it needs for that is gone when it is disposed of. */
export interface Signing extends AsyncDisposable {
  /** In the armour that stands in a commit (gitformat-signature(5)). @throws SW-GITOPS-SIGNING */
  sign(commit: Buffer): Promise<string>
}
