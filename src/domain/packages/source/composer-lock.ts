import * as v from 'valibot'
import { composerPackage, draftOfComposer } from '../languages/composer.ts'
import { lockFile } from './lock-file.ts'

const document = v.object({ packages: v.optional(v.array(composerPackage), []), 'packages-dev': v.optional(v.array(composerPackage), []) })

export const composerLock = lockFile('composer.lock', (content) => {
  const { packages, 'packages-dev': development } = v.parse(document, JSON.parse(content), { abortEarly: true })
  return {
    packages: [...packages.map(draftOfComposer), ...development.map((one) => ({ ...draftOfComposer(one), scope: 'development' as const }))],
  }
})
