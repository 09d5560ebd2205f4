import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AstroInlineConfig, build, dev } from 'astro'
import { afterAll, onTestFinished, vi } from 'vitest'
import { createProject, linkModules, type Project } from '../../../unplugin/test/support/project.ts'
import nobg, { type Options } from '../../src/index.ts'

vi.stubEnv('ASTRO_TELEMETRY_DISABLED', '1')

/** One cache for the tests of a file, so that each picture is made once. */
const cacheDir = mkdtempSync(join(tmpdir(), 'nobg-cache-'))
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }))

/** A collection `cats` of Markdown files with a `cover`. */
export const contentConfig = `
import { defineCollection } from 'astro:content'
import { glob } from 'astro/loaders'
import { z } from 'astro/zod'
const loader = glob({ base: './src/cats', pattern: '*.md' })
export const collections = {
  cats: defineCollection({ loader, schema: ({ image }) => z.object({ cover: image() }) }),
}`

/** A page that shows every entry of that collection. */
export const catsPage = `---
import { Image } from 'astro:assets'
import { getCollection, render } from 'astro:content'
const cats = await getCollection('cats')
const entries = await Promise.all(cats.map(async cat => ({ cover: cat.data.cover, ...(await render(cat)) })))
---
{entries.map(({ cover, Content }) => <article><Image src={cover} alt="cover" /><Content /></article>)}`

/** Makes a site in a temporary folder, with the cat in \`src\` and beside the entries of \`src/cats\`. */
export async function createSite(files: Record<string, string>): Promise<Project> {
  const site = await createProject({ 'package.json': '{ "type": "module" }', ...files })
  await site.photo('cat.jpg', 'src/cats/cat.jpg')
  await linkModules(site, 'astro', 'astro')
  await linkModules(site, 'unplugin', 'sharp')
  // Astro keeps its prerendering code in the output folder only if that folder is in the working directory.
  const cwd = process.cwd()
  process.chdir(site.root)
  onTestFinished(() => process.chdir(cwd))
  return site
}

/** Astro's configuration for tests: nobg is enabled in Vitest, with the small model. */
export function configOf(
  site: Project,
  options: Options = {},
  config: AstroInlineConfig = {},
): AstroInlineConfig {
  const integration = nobg({ enabled: true, substitute: 'u2netp', cacheDir, ...options })
  return { root: site.root, configFile: false, logLevel: 'warn', integrations: [integration], ...config }
}

/** The output of a build. */
export interface BuiltSite {
  /** Paths of the emitted pictures, from the folder of the build, sorted. */
  pictures: string[]
  read(file: string): Promise<Buffer>
}

/** Builds a site into `dist`. */
export async function buildSite(...args: Parameters<typeof configOf>): Promise<BuiltSite> {
  const [site] = args
  await build(configOf(...args))
  const files = await readdir(site.path('dist'), { recursive: true })
  const pictures = files.filter(file => /\.(?:png|webp|avif|jpe?g|gif)$/.test(file)).sort()
  return { pictures, read: file => site.read(join('dist', file)) }
}

/** The message of a build that must fail, with the site's folder as `.`. */
export async function failBuild(...args: Parameters<typeof configOf>): Promise<string> {
  const error: unknown = await build(configOf(...args)).then(
    () => undefined,
    reason => reason,
  )
  if (!(error instanceof Error)) throw new Error('expected the build to fail')
  return error.message.replaceAll(args[0].root, '.')
}

/** A development server until the end of the test. */
export interface ServedSite {
  origin: string
  get(path: string): Promise<{ status: number; text: string; bytes: Buffer }>
}

/** Serves a site. */
export async function serveSite(site: Project, options: Options = {}): Promise<ServedSite> {
  // In a test, Astro serves no pages and reports no changes.
  vi.stubEnv('VITEST', undefined)
  vi.stubEnv('NODE_ENV', 'development')
  const watch = { usePolling: true, interval: 100 }
  const config = { server: { port: 0, host: '127.0.0.1' }, vite: { server: { watch } } }
  const server = await dev(configOf(site, options, config))
  onTestFinished(() => server.stop())
  const origin = `http://127.0.0.1:${server.address.port}`
  return {
    origin,
    async get(path) {
      const response = await fetch(new URL(path, origin))
      const bytes = Buffer.from(await response.arrayBuffer())
      return { status: response.status, text: String(bytes), bytes }
    },
  }
}
