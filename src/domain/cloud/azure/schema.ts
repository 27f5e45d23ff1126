import * as v from 'valibot'

/** Microsoft Entra’s token endpoint, and the metadata service of Azure. */
export const EntraAnswer = v.object({ access_token: v.pipe(v.string(), v.nonEmpty()) })
