import type { AstroIntegration } from 'astro'
import { expect, test } from 'vitest'
import { buildSite, createSite, failBuild } from './support/site.ts'

/** The smallest adapter that makes Astro render pages on a server. */
const adapter: AstroIntegration = {
  name: 'adapter',
  hooks: {
    'astro:config:done'({ config, setAdapter }) {
      setAdapter({
        name: 'adapter',
        serverEntrypoint: new URL('adapter.js', config.root),
        entrypointResolution: 'auto',
        supportedAstroFeatures: {
          serverOutput: 'stable',
          staticOutput: 'stable',
          hybridOutput: 'stable',
          sharpImageService: 'stable',
        },
      })
    },
  },
}
const config = { output: 'server', adapter } as const

/** Code in a documentation page that refers to a file of the public folder. */
const quoted = [
  'Write `"/cat.jpg?nobg"` or `./cat.jpg?nobg`:',
  '```html\n<img src="/cat.jpg?nobg" srcset="/cat.jpg?nobg 1x, ./cat.jpg?nobg 2x">\n```',
  "```js\nimport cat from './cat.jpg?nobg'\nimage.src = '/cat.jpg?nobg&model=portrait'\n```",
  '```css\na { background: url(/cat.jpg?nobg) }\n```',
].join('\n\n')

async function createServerSite(pages: Record<string, string>) {
  const files = Object.entries(pages).map(([name, text]) => [`src/pages/${name}`, text])
  const site = await createSite({
    'adapter.js': "import { createApp } from 'astro/app/entrypoint'\nexport const app = createApp()",
    ...Object.fromEntries(files),
  })
  await site.photo('cat.jpg', 'public/photos/cat.jpg')
  await site.photo('cat.jpg', 'public/cat.jpg')
  return site
}

test.for([
  ['an attribute', 'index.astro', '<img src="/cat.jpg?nobg">'],
  ['a file of a folder', 'index.astro', '<img src="/photos/cat.jpg?nobg">'],
  [
    'an attribute after a computed attribute',
    'index.astro',
    '<img class={Astro.url.pathname} src="/cat.jpg?nobg">',
  ],
  ['a string', 'index.astro', "---\nconst cat = '/cat.jpg?nobg'\n---\n<img src={cat}>"],
  ['Markdown', 'index.md', `${quoted}\n\n![cat](/cat.jpg?nobg)`],
  ['noscript', 'index.astro', '<noscript><img src="/cat.jpg?nobg"></noscript>'],
  ['a script', 'index.astro', '<script>document.images[0].src = "/cat.jpg?nobg"</script>'],
] as const)('%s that names a public file fails the build of a server', async ([, name, text]) => {
  const site = await createServerSite({ [name]: text })
  expect(await failBuild(site, {}, config)).toMatch(/\/cat\.jpg\?nobg in .+(?:js|astro)/)
})

test.for(['server', 'static'] as const)('code that a page shows is no error, output %s', async output => {
  const code = '<Code lang="html" code={`<img src="/cat.jpg?nobg">`} />'
  const site = await createServerSite({
    'index.md': quoted,
    'code.astro': `---\nimport { Code } from 'astro:components'\n---\n${code}`,
  })
  await expect(buildSite(site, {}, { ...config, output })).resolves.toBeDefined()
})

test('the written file of a prerendered page is checked', async () => {
  const site = await createServerSite({
    'index.astro': '---\nexport const prerender = true\n---\n<img src="/cat.jpg?nobg">',
  })
  expect(await failBuild(site, {}, config)).toContain('/cat.jpg?nobg in index.html')
})

test.for([
  ['noscript', { 'index.astro': '<noscript><img src="/cat.jpg?nobg"></noscript>' }, 'index.html'],
  [
    'a feed',
    {
      'rss.xml.js':
        "export const GET = () => new Response('<rss>&lt;img src=&quot;/cat.jpg?nobg&quot;&gt;</rss>')",
    },
    'rss.xml',
  ],
] as const)('%s of a static site fails the build', async ([, pages, file]) => {
  const site = await createServerSite(pages)
  expect(await failBuild(site)).toContain(`/cat.jpg?nobg in ${file}`)
})

test('a script of the public folder fails the build', async () => {
  const site = await createServerSite({ 'index.astro': '<script is:inline src="/show.js"></script>' })
  await site.write('public/show.js', 'document.images[0].src = "/cat.jpg?nobg"')
  expect(await failBuild(site)).toContain('/cat.jpg?nobg in show.js')
})
