import { expect, test } from 'vitest'
import { buildSite, catsPage, contentConfig, createSite, failBuild } from './support/site.ts'

const entry = 'src/cats/tom.md'
const page = 'src/pages/index.astro'
const collection = {
  'src/content.config.ts': contentConfig,
  [page]: catsPage,
  'src/cats/bad.jpg': 'no image',
}
const withCover = (cover: string) => `---\ncover: ${cover}\n---\n`

test.for(['single-file', 'chunked'] as const)(
  'queries in collections are reported, %s',
  async collectionStorage => {
    const site = await createSite({
      ...collection,
      'src/cats/a.md': withCover('./cat.jpg?nobg'),
      'src/cats/b.md': `${withCover('./cat.jpg')}\nHi ![](./cat.jpg?nobg&model=portrait)`,
      'src/cats/c.md': withCover('./cat.jpg?nobg=hero'),
      'src/cats/d.md': withCover('./cat.jpg?crop&nobg'),
    })
    const message = await failBuild(site, {}, { experimental: { collectionStorage } })
    for (const part of [
      './src/cats/a.md:2:8\n    ./cat.jpg?nobg\n    Write ./cat.nobg.jpg\n',
      './src/cats/b.md:5:8\n    ./cat.jpg?nobg&model=portrait\n    Write ./cat.nobg-portrait.jpg\n',
      './src/cats/c.md:2:8\n    ./cat.jpg?nobg=hero\n    Write ./cat.nobg-hero.jpg\n',
      './src/cats/d.md:2:8\n    ./cat.jpg?crop&nobg\n    Write ./cat.nobg-hero.jpg, and move the words of the query',
    ])
      expect(message).toContain(part)
  },
)

test.for([
  [
    'a missing image',
    entry,
    withCover('./no.nobg.jpg'),
    ['2:8', './src/cats/no.jpg', 'nothing at this path'],
  ],
  ['a corrupt image', entry, withCover('./bad.nobg.jpg'), ['2:8', './src/cats/bad.jpg', 'got text']],
  ['an unknown preset', entry, withCover('./cat.nobg-portrat.jpg'), ['2:8', "'portrat'", "'portrait'"]],
  [
    'a corrupt image of a page',
    page,
    "---\nimport bad from '../cats/bad.jpg?nobg'\n---\n<img src={bad.src}>",
    ['2:18', './src/cats/bad.jpg', "'../cats/bad.jpg?nobg'"],
  ],
  [
    'a word that no plugin reads',
    page,
    "---\nimport cat from '../cats/cat.jpg?nobg&quality=80'\n---\n<img src={cat.src}>",
    ['2:18', './src/cats/cat.jpg', "Did you mean 'outputQuality'"],
  ],
  [
    'an image of the public folder',
    page,
    "---\nimport cat from '/cat.jpg?nobg'\n---\n<img src={cat.src}>",
    ['2:18', './public/cat.jpg', 'move the image'],
  ],
] as const)('%s is an error with its location', async ([, file, text, [place, ...parts]]) => {
  const site = await createSite({ ...collection, [file]: text })
  await site.photo('cat.jpg', 'public/cat.jpg')
  const message = await failBuild(site)
  for (const part of [`./${file}:${place}`, ...parts]) expect(message).toContain(part)
})

const raw = { [page]: '<img src="/cat.jpg?nobg"><a data-code="import a from \'./a.jpg?nobg&crop\'">copy</a>' }

test.for([
  ['in a template', raw, ['/cat.jpg?nobg in index.html', 'Import the picture']],
  [
    'in a collection',
    { ...collection, [entry]: `${withCover('./cat.jpg')}![](./cat.jpg?nobg)` },
    ['cat.nobg.jpg'],
  ],
] as const)(
  'an unprocessed reference %s fails the build, unless the option allows it',
  async ([, files, parts]) => {
    const site = await createSite(files)
    const message = await failBuild(site)
    for (const part of parts) expect(message).toContain(part)
    expect(message).not.toContain('a.jpg')
    await expect(buildSite(site, { unprocessed: 'ignore' })).resolves.toBeDefined()
    await expect(buildSite(site, { unprocessed: 'warn' })).resolves.toBeDefined()
  },
)

test('a frozen build lists the missing mattes of pages and collections', async () => {
  const site = await createSite({
    'src/pages/index.astro': "---\nimport cat from '../cat.jpg?nobg'\n---\n<img src={cat.src}>",
    'src/pages/cats.astro': catsPage,
    'src/content.config.ts': contentConfig,
    'src/cats/tom.md': '---\ncover: ./astronaut.nobg.jpg\n---\n',
  })
  await site.photo('astronaut.jpg', 'src/cats/astronaut.jpg')
  const message = await failBuild(site, { mattes: 'mattes', frozen: true })
  for (const part of [
    'kept mattes of 2 pictures',
    './src/cat.jpg',
    './src/cats/astronaut.jpg',
    'NOBG_FROZEN=0',
  ])
    expect(message).toContain(part)
})
