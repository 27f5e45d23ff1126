import { connectHarbor, type Harbor } from '../../domain/harbor/client.ts'
import { loginTo } from '../../domain/oci/auth/login.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { harborProjectAccount } from './errors.ts'
import type { task } from './task.ts'

/** Harbor with the account that is given, or that `docker login` left for its address. @throws SW-HARBOR-PROJECT-ACCOUNT */
export async function harborOf(
  { url, username, password }: Pick<InputOf<typeof task>, 'url' | 'username' | 'password'>,
  context: Context<never>,
): Promise<Harbor> {
  const { origin, host } = new URL(url)
  const given = username === undefined || password === undefined ? undefined : { username, password }
  const credential = await loginTo(host, context, given).credential('')
  if (credential?.kind === 'password') return connectHarbor({ origin, credential }, context)
  throw harborProjectAccount(
    `There is ${credential === undefined ? 'no account' : `only a token from ${credential.source}`} for ${host}: Harbor’s API wants a user’s or a robot’s password.`,
  )
}
