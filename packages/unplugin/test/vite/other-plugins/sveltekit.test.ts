import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { testOptions } from '../../support/cache-dir.ts'
import { expectCutout } from '../../support/picture.ts'
import { createProject, linkModules, type Project } from '../../support/project.ts'

const nobg = new URL('../../../src/vite.ts', import.meta.url).href
const vite = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url))
const packages = [
  '@sveltejs/kit',
  '@sveltejs/adapter-static',
  '@sveltejs/vite-plugin-svelte',
  'svelte',
  'vite',
]

/** `unprocessed` comes from the environment. A dead link is a warning for SvelteKit itself, too. */
const config = `
import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import nobg from '${nobg}'
const options = { ...${JSON.stringify(testOptions)}, unprocessed: process.env.TEST_UNPROCESSED }
const kit = { adapter: adapter(), alias: { $lib: 'src/lib' }, prerender: { handleHttpError: 'ignore' } }
export default { plugins: [nobg(options), sveltekit(kit)] }`

const files = {
  'package.json': '{ "type": "module", "imports": { "#lib/*": "./src/lib/*" } }',
  'vite.config.js': config,
  'src/app.html': '<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>',
  'src/routes/+layout.js': 'export const prerender = true',
  'src/routes/+page.svelte': `<script>
  import cat from '$lib/cat.jpg?nobg'
  import crop from '#lib/cat.jpg?nobg&crop'
  let { data } = $props()
</script>
<img src={cat} alt="cat"><img src={crop} alt="cat">
{@html data.article}`,
  // Only the prerendered page has this text.
  'src/routes/+page.server.js': `import { readFileSync } from 'node:fs'
export const load = () => ({ article: readFileSync('article.html', 'utf8') })`,
  'article.html': '<pre>&lt;img src="/photos/ada.jpg?nobg"&gt;</pre>',
}

async function createApp(more: Record<string, string> = {}): Promise<Project> {
  const project = await createProject({ ...files, ...more })
  await project.photo('cat.jpg', 'src/lib/cat.jpg')
  await project.photo('cat.jpg', 'static/photos/ada.jpg')
  await project.write('node_modules/@sveltejs/.keep', '')
  await linkModules(project, 'unplugin', ...packages)
  return project
}

/**
 * Runs `vite build` in its own process, because SvelteKit reads the working directory.
 *
 * @returns the exit code, or the signal that ended the process
 */
function build(project: Project, unprocessed: string): Promise<{ end: number | string; log: string }> {
  const env = { ...process.env, TEST_UNPROCESSED: unprocessed, NODE_ENV: 'production' }
  return new Promise(resolve => {
    execFile(process.execPath, [vite, 'build'], { cwd: project.root, env }, (error, stdout, stderr) =>
      resolve({ end: error ? (error.code ?? String(error.signal)) : 0, log: stdout + stderr }),
    )
  })
}

const deadLink = {
  'src/routes/+page.svelte': `${files['src/routes/+page.svelte']}\n<img src="$lib/cat.jpg?nobg" alt="cat">`,
}
const article = { 'article.html': `${files['article.html']}<img src="/photos/ada.jpg?nobg" alt="Ada">` }

test('a site shows cutouts, and dead links of components and of prerendered pages are reported', async () => {
  const project = await createApp({ ...deadLink, ...article })
  const { end, log } = await build(project, 'warn')
  expect(end, log).toBe(0)
  const assets = (await readdir(project.path('build'), { recursive: true })).filter(name =>
    name.endsWith('.webp'),
  )
  expect(assets).toHaveLength(2)
  const page = String(await project.read('build/index.html'))
  for (const name of assets) {
    expect(page).toContain(`src="/${name}"`)
    await expectCutout(await project.read(`build/${name}`))
  }
  expect(log).toContain(`$lib/cat.jpg?nobg in ${project.path('src/routes/+page.svelte')}:8:11`)
  expect(log.match(/ada\.jpg\?nobg in .*/g)).toEqual(['ada.jpg?nobg in prerendered/pages/index.html'])
})

test.for([
  ['a dead link of a component', deadLink, '$lib/cat.jpg?nobg in '],
  ['a dead link of a prerendered page', article, '/photos/ada.jpg?nobg in prerendered/pages/index.html'],
] as const)('%s fails the build', async ([, more, line]) => {
  const { end, log } = await build(await createApp(more), 'error')
  expect(log, `ended with ${end}`).toContain(line)
  expect(end).toBe(1)
})
