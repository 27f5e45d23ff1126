import { describe, expect, it, test } from '@jest/globals'
import { filesOf, planOf } from './fixtures/planning.ts'
import { type Tree, tree } from './fixtures/tree.ts'

const pages: Tree = {
  'index.html': '',
  'about/index.html': '',
  'robots.txt': '',
  'app.js': '',
  'app.css': '',
  'img/logo.SVG': '',
  'a.woff2': '',
}

describe('a folder of pages', () => {
  it('is layers by kind of file, where the web server of the base serves from', async () => {
    await using context = await tree(pages)
    const plan = await planOf('site', context.folder, { base: 'docker.io/nginxinc/nginx-unprivileged:1.29' })
    const root = 'usr/share/nginx/html'
    expect(filesOf(plan)).toEqual({
      media: [`${root}/a.woff2`, `${root}/img/logo.SVG`],
      'scripts and styles': [`${root}/app.css`, `${root}/app.js`],
      pages: [`${root}/about/index.html`, `${root}/index.html`, `${root}/robots.txt`],
    })
    expect(plan.layers.at(-1)?.isApplication).toBe(true)
    expect(plan.start).toBeUndefined()
  })

  test.each<[string, Parameters<typeof planOf>[2], string]>([
    ['caddy', { base: 'docker.io/library/caddy:2@sha256:0' }, 'usr/share/caddy'],
    ['a mirror of nginx that may run as root', { base: 'harbor.example/hub/library/nginx', isRootAllowed: true }, 'usr/share/nginx/html'],
    ['an image that is told the folder', { base: 'registry.example:5000/web', workdir: '/srv/www' }, 'srv/www'],
  ])('on %s goes to its folder', async (_name, options, folder) => {
    await using context = await tree({ 'index.html': '' })
    expect(filesOf(await planOf('site', context.folder, options))).toEqual({ pages: [`${folder}/index.html`] })
  })

  test.each<[string, Parameters<typeof planOf>[2], string]>([
    ['scratch', { onScratch: true }, 'a web server, and scratch has none'],
    ['a server that needs root', { base: 'docker.io/library/nginx:1' }, 'starts as root'],
    ['an image that is not known', { base: 'registry.example:5000/nginx/web:1' }, 'not known from which folder'],
  ])('on %s is refused, with a base to take', async (_name, options, message) => {
    await using context = await tree(pages)
    await expect(planOf('site', context.folder, options)).rejects.toMatchObject({
      code: 'SW-BUILD-BASE-NEEDED',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('nginx-unprivileged'),
    })
  })
})
