/** A SLSA provenance predicate, version 1 (slsa.dev/spec/v1.1/provenance), in the order in which its fields are written. */
export interface ProvenancePredicate {
  readonly buildDefinition: {
    readonly buildType: string
    readonly externalParameters: object
    readonly internalParameters: object
    readonly resolvedDependencies: readonly ResourceDescriptor[]
  }
  readonly runDetails: {
    readonly builder: { readonly id: string }
    readonly metadata?: { readonly invocationId: string }
  }
}

/** in-toto attestation, spec/v1/resource_descriptor.md. */
export interface ResourceDescriptor {
  readonly uri?: string
  readonly digest?: Readonly<Record<string, string>>
}

/** Where the names that we give to builders and build types are from. */
export const names = 'https://github.com/slipway-ci/slipway'
