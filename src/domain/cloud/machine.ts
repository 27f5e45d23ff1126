import { join } from 'node:path'
import { readText } from '../../io/files.ts'

export type Cloud = 'amazon' | 'azure' | 'google'

/** What the clouds' virtual machines say of themselves; asking a metadata server anywhere else costs seconds, and may ask a stranger. */
const marks = [
  { cloud: 'google', file: 'product_name', mark: /^Google/ },
  { cloud: 'amazon', file: 'sys_vendor', mark: /^Amazon EC2/ },
  { cloud: 'azure', file: 'chassis_asset_tag', mark: /^7783-7084-3265-9085-8269-3286-77$/ },
] as const satisfies readonly { cloud: Cloud; file: string; mark: RegExp }[]

/** The cloud that this machine is of, by what its firmware leaves in `folder`; undefined elsewhere. */
export async function cloudOfMachine(folder = '/sys/class/dmi/id'): Promise<Cloud | undefined> {
  for (const { cloud, file, mark } of marks) {
    const text = await readText(join(folder, file)).catch(() => '')
    if (mark.test(text.trim())) return cloud
  }
  return undefined
}
