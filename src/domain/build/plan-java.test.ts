import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, test } from '@jest/globals'
import { zipOf } from '../../io/fixtures/zip.ts'
import { openLayout } from '../oci/layout.ts'
import { blobPath } from '../oci/layout-blobs.ts'
import type { BaseName } from './base.ts'
import { buildImage } from './build.ts'
import { ports, request } from './fixtures/building.ts'
import { filesOf, planOf } from './fixtures/planning.ts'
import { fill, type Tree, tree } from './fixtures/tree.ts'
import { layoutSource } from './image-source.ts'

const baseIn = async (folder: string): Promise<BaseName> => {
  const source = await layoutSource(folder, {}, () => {
    throw new Error('the base is whole')
  })
  return { kind: 'image', name: 'java:21', open: async () => source }
}

const manifest = (...lines: readonly string[]): string => ['Manifest-Version: 1.0', ...lines, '', ''].join('\r\n')
const jar = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipOf(Object.entries(files).map(([path, text]) => ({ path, text, method: path.endsWith('.jar') ? 0 : 8 })))

/** As the Spring Boot plugin 3.4 writes it. */
const index = `- "dependencies":
  - "BOOT-INF/lib/"
- "spring-boot-loader":
  - "org/"
- "snapshot-dependencies":
- "application":
  - "BOOT-INF/classes/"
  - "BOOT-INF/layers.idx"
  - "META-INF/"
`
const boot = {
  'META-INF/MANIFEST.MF': manifest(
    'Build-Jdk-Spec: 17',
    'Main-Class: org.springframework.boot.loader.launch.JarLaunch',
    ' er',
    'Spring-Boot-Classes: BOOT-INF/classes/',
    'Spring-Boot-Lib: BOOT-INF/lib/',
    'Spring-Boot-Layers-Index: BOOT-INF/layers.idx',
  ),
  'org/springframework/boot/loader/Launcher.class': 'launcher',
  'BOOT-INF/classes/shop/Shop.class': 'class'.repeat(100),
  'BOOT-INF/lib/a-1.0.jar': 'a',
  'BOOT-INF/layers.idx': index,
}

describe('a Spring Boot jar', () => {
  it('may be a link to the file, by whose state it is known', async () => {
    await using context = await tree({ 'built.jar': jar(boot), 'app.jar': { link: 'built.jar' } })
    const stamps = async (): Promise<readonly unknown[]> => {
      await delay(30)
      const { layers } = await planOf('java', `${context.folder}/app.jar`)
      return layers.flatMap(({ entries }) =>
        entries.flatMap((entry) => (entry.kind === 'file' ? [Reflect.get(entry.content, 'stamp')] : [])),
      )
    }
    const before = await stamps()
    expect(await stamps()).toEqual(before)
    await fill(context.folder, { 'built.jar': jar({ ...boot, 'BOOT-INF/lib/a-1.0.jar': 'b' }) })
    const after = await stamps()
    expect(after.filter((stamp) => stamp === undefined || before.includes(stamp))).toEqual([])
  })

  it('is taken apart into the layers of its index, in their order', async () => {
    await using context = await tree({ 'app.jar': jar(boot) })
    const plan = await planOf('java', `${context.folder}/app.jar`)
    expect(filesOf(plan)).toEqual({
      dependencies: ['app/BOOT-INF/lib/a-1.0.jar'],
      'spring-boot-loader': ['app/org/springframework/boot/loader/Launcher.class'],
      application: ['app/BOOT-INF/classes/shop/Shop.class', 'app/BOOT-INF/layers.idx', 'app/META-INF/MANIFEST.MF'],
    })
    expect(Object.keys(filesOf(plan))).toEqual(['dependencies', 'spring-boot-loader', 'application'])
    expect(plan.layers.find(({ isApplication }) => isApplication)?.name).toBe('application')
    expect(plan).toMatchObject({
      start: { runtime: 'java', args: ['-cp', '/app', 'org.springframework.boot.loader.launch.JarLauncher'] },
      workdir: '/app',
    })
  })

  it('has the content of its files in the image, and the same digest again from a jar with other times', async () => {
    await using below = await tree({ 'etc/java': '' })
    await buildImage(request({ context: below.folder, layout: join(below.folder, 'layout') }), ports())
    const base = await baseIn(join(below.folder, 'layout'))
    const digests = new Set<string>()
    for (const bytes of [jar(boot), Buffer.concat([Buffer.from('#!/bin/sh\n'), jar(boot)])]) {
      await using context = await tree({ 'pom.xml': '', 'target/shop-1.jar': bytes, 'target/shop-1-sources.jar': '' })
      await using target = await tree({})
      const start = { entrypoint: undefined }
      const { descriptor, images } = await buildImage(
        request({ context: context.folder, layout: target.folder, base, settings: start }),
        ports(),
      )
      digests.add(descriptor.digest)
      const [, dependencies, , application] = images[0]?.layers ?? []
      expect([dependencies?.name, application?.name]).toEqual(['dependencies', 'application'])
      const text = execFileSync('tar', [
        '-xzOf',
        blobPath(await openLayout(target.folder), application?.digest ?? 'sha256:'),
        'app/BOOT-INF/classes/shop/Shop.class',
      ])
      expect(text.toString()).toBe('class'.repeat(100))
    }
    expect(digests.size).toBe(1)
  })

  it('without an index has the layers that Spring Boot gives it', async () => {
    const { 'BOOT-INF/layers.idx': _, ...old } = boot
    await using context = await tree({ 'app.jar': jar({ ...old, 'BOOT-INF/lib/b-2.0-SNAPSHOT.jar': 'b' }) })
    expect(filesOf(await planOf('java', `${context.folder}/app.jar`))).toMatchObject({
      dependencies: ['app/BOOT-INF/lib/a-1.0.jar'],
      'snapshot-dependencies': ['app/BOOT-INF/lib/b-2.0-SNAPSHOT.jar'],
      application: ['app/BOOT-INF/classes/shop/Shop.class', 'app/META-INF/MANIFEST.MF'],
    })
  })

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['with a file in no layer', { ...boot, 'other/x': '' }, 'SW-BUILD-PLAN', 'other/x, which is in no layer'],
    ['with an index that is none', { ...boot, 'BOOT-INF/layers.idx': 'layers: {}' }, 'SW-BUILD-PLAN', 'has the line "layers: {}"'],
    ['with a path that climbs', { ...boot, '../x': '' }, 'SW-ZIP-MALFORMED', 'expected a relative path'],
  ])('%s is refused', async (_name, files, code, message) => {
    await using context = await tree({ 'app.jar': jar(files) })
    await expect(planOf('java', `${context.folder}/app.jar`)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

const plain = jar({ 'META-INF/MANIFEST.MF': manifest('Main-Class: shop.Main'), 'shop/Main.class': '' })
const script = `#!/bin/sh
CLASSPATH=$APP_HOME/lib/shop.jar:$APP_HOME/lib/b.jar:$APP_HOME/lib/a.jar
set -- \\
        -classpath "$CLASSPATH" \\
        shop.Main \\
        "$@"
`

describe('a plain jar', () => {
  it('of Maven comes with the libraries that were copied beside it', async () => {
    const libraries: Tree = { 'target/dependency/a-1.jar': 'a', 'target/dependency/b-2-SNAPSHOT.jar': 'b' }
    await using context = await tree({ 'target/shop-1.jar': plain, 'target/original-shop-1.jar': '', ...libraries })
    const plan = await planOf('java', context.folder)
    expect(filesOf(plan)).toEqual({
      dependencies: ['app/lib/a-1.jar'],
      'snapshot-dependencies': ['app/lib/b-2-SNAPSHOT.jar'],
      application: ['app/shop-1.jar'],
    })
    expect(plan.start).toEqual({
      runtime: 'java',
      args: ['-cp', '/app/shop-1.jar:/app/lib/a-1.jar:/app/lib/b-2-SNAPSHOT.jar', 'shop.Main'],
    })
  })

  it('of Gradle has the class path and the main class of its start script', async () => {
    const lib = 'build/install/shop/lib'
    const files = { [`${lib}/shop.jar`]: jar({ 'META-INF/MANIFEST.MF': manifest() }), [`${lib}/a.jar`]: 'a', [`${lib}/b.jar`]: 'b' }
    await using context = await tree({ 'build/install/shop/bin/shop': script, ...files })
    const plan = await planOf('java', context.folder, { workdir: '/srv' })
    expect(filesOf(plan)).toEqual({ dependencies: ['srv/lib/a.jar', 'srv/lib/b.jar'], application: ['srv/shop.jar'] })
    expect(plan.start).toEqual({ runtime: 'java', args: ['-cp', '/srv/shop.jar:/srv/lib/b.jar:/srv/lib/a.jar', 'shop.Main'] })
  })

  it('comes after the layers of the user', async () => {
    await using context = await tree({ 'build/libs/shop.jar': plain, 'conf/a.properties': '' })
    expect(filesOf(await planOf('java', context.folder, { rules: ['conf:/etc/shop'] }))).toEqual({
      'conf:/etc/shop': ['etc/shop/a.properties'],
      application: ['app/shop.jar'],
    })
  })

  const hint17 = 'eclipse-temurin:17-jre'
  const noMain = jar({ 'META-INF/MANIFEST.MF': manifest() })
  test.each<[string, Tree, Parameters<typeof planOf>[2], string, string]>([
    ['that is not built', { 'pom.xml': '' }, {}, 'SW-BUILD-PLAN', 'mvn package'],
    ['beside another', { 'target/a.jar': plain, 'target/b.jar': plain }, {}, 'SW-BUILD-PLAN', 'context: target/a.jar'],
    ['without a main class', { 'target/a.jar': noMain }, {}, 'SW-BUILD-NO-ENTRYPOINT', 'entrypoint:'],
    ['on scratch', { 'target/a.jar': jar(boot) }, { onScratch: true }, 'SW-BUILD-BASE-NEEDED', hint17],
  ])('%s is refused', async (_name, files, options, code, hint) => {
    await using context = await tree(files)
    await expect(planOf('java', context.folder, options)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
  })
})
