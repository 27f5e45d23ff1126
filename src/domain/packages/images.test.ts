import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { tree } from '../build/fixtures/tree.ts'
import { writeChart } from '../chart/chart-image.ts'
import { openLayout } from '../oci/layout.ts'
import { noImage } from './errors.ts'
import { imagesOf } from './images.ts'

test('a chart is no image, and its maker is told what to do', async () => {
  await using place = await tree({ 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n' })
  const layout = join(place.folder, 'layout')
  const { descriptor } = await writeChart({ chart: join(place.folder, 'web'), layout, created: 0, origin: {}, annotations: {} })
  await expect(imagesOf(await openLayout(layout), descriptor.digest)).rejects.toMatchObject({
    code: noImage.code,
    message: expect.stringContaining('application/vnd.cncf.helm.config.v1+json'),
    hint: expect.stringContaining('leave this task out'),
  })
})
