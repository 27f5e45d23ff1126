import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty())

/** Amazon ECR API, GetAuthorizationToken: a list for private registries, one for the public one. */
const Authorization = v.object({ authorizationToken: text, expiresAt: v.number() })
export const AuthorizationAnswer = v.object({
  authorizationData: v.union([
    v.pipe(v.array(Authorization), v.minLength(1)),
    v.pipe(
      Authorization,
      v.transform((one) => [one]),
    ),
  ]),
})
