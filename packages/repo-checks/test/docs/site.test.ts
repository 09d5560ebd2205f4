import { existsSync, readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { type HTMLElement, parse } from 'node-html-parser'
import { globSync } from 'tinyglobby'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listAnchors, listPages, REPOSITORY, readPage } from '../../src/docs/markdown.ts'

const BASE = '/nobg/'
/** The folder of the build: ignored by git. */
const out = join(REPOSITORY, '.conformance', `docs-${process.pid}`)
const cache = `${out}-cache`
const modelLog = `${out}-model.log`
const pages = new Map<string, HTMLElement>()

beforeAll(async () => {
  await execa(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build', '--outDir', out], {
    cwd: resolve(REPOSITORY, 'docs'),
    env: {
      ASTRO_TELEMETRY_DISABLED: '1',
      CI: '1',
      NODE_ENV: undefined,
      NODE_OPTIONS: `--require=${resolve(import.meta.dirname, '../examples/note-model.cjs')}`,
      NOBG: undefined,
      NOBG_CACHE_DIR: cache,
      NOBG_FROZEN: '1',
      NOBG_TEST_MODEL_LOG: modelLog,
      // Vitest's own, which Astro would take as the path of the site.
      BASE_URL: undefined,
      VITEST: undefined,
    },
  })
  for (const file of globSync('**/*.html', { cwd: out })) {
    pages.set(file.replace(/index\.html$/, ''), parse(readFileSync(join(out, file), 'utf8')))
  }
})

afterAll(() => Promise.all([out, cache, modelLog].map(path => rm(path, { recursive: true, force: true }))))

const listAll = (check: (page: HTMLElement, url: string) => string[]) =>
  [...pages].flatMap(([url, page]) => check(page, url).map(text => `${url}: ${text}`))

describe('the site of docs/', () => {
  test('has each page, and lists it in its sidebar', () => {
    const files = listPages().flatMap(page => /^docs\/(.*)\.md$/.exec(page)?.[1] ?? [])
    expect(files.length).toBeGreaterThan(5)
    const links = pages.get('mattes/')!.querySelectorAll(`#starlight__sidebar a[href^="${BASE}"]`)
    const listed = links.map(link => link.getAttribute('href')!.slice(BASE.length).replace(/\/$/, ''))
    for (const file of files) expect([...pages.keys()]).toContain(`${file}/`)
    expect(listed.toSorted()).toEqual(files.toSorted())
  })

  test('has links and pictures that exist, and anchors that exist', () => {
    const broken = listAll(page =>
      page
        .querySelectorAll('[href], [src]')
        .map(element => element.getAttribute('href') ?? element.getAttribute('src')!)
        .filter(address => !leads(address, page)),
    )
    expect(broken).toEqual([])
  })

  test('has one title per page, headings without gaps, and unique anchors', () => {
    const wrong = listAll((page, url) => {
      const content = page.querySelector('main')!
      const levels = content
        .querySelectorAll('h1, h2, h3, h4, h5, h6')
        .map(({ tagName }) => Number(tagName[1]))
      const ids = page.querySelectorAll('[id]').map(element => element.id)
      const messages = levels.flatMap((level, i) =>
        level > (levels[i - 1] ?? 0) + 1 ? `h${level} after a gap` : [],
      )
      if (url !== '404.html' && levels.filter(level => level === 1).length !== 1) messages.push('not one h1')
      return [...messages, ...ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `#${id} twice`)]
    })
    expect(wrong).toEqual([])
  })

  test('has alternative text for each picture', () => {
    expect(listAll(page => page.querySelectorAll('img:not([alt])').map(String))).toEqual([])
  })

  test('cuts out its pictures without a model', async () => {
    expect(globSync('**/*', { cwd: cache }).length).toBeGreaterThan(0)
    expect(await readFile(modelLog, 'utf8').catch(() => '')).toBe('')
  })

  test('can be searched', async () => {
    const { languages } = JSON.parse(await readFile(join(out, 'pagefind/pagefind-entry.json'), 'utf8'))
    // The page of errors is left out of the index.
    expect(languages.en.page_count).toBe(pages.size - 1)
  })
})

/** Whether an address of a page leads to a file of the site or of the repository, and to an anchor there. Other hosts are not checked. */
function leads(address: string, page: HTMLElement): boolean {
  const source = /^https:\/\/github\.com\/nobg\/nobg\/(?:blob|tree|edit)\/main\/([^#]*)#?(.*)$/.exec(address)
  if (source) return leadsToSource(source[1], source[2])
  if (/^(?:https?|data|mailto):/.test(address)) return true
  const [path, anchor] = decodeURIComponent(address).split('#')
  if (path === '') return hasAnchor(page, anchor)
  if (!path.startsWith(BASE)) return false
  const target = path.slice(BASE.length)
  const other = pages.get(target)
  return other ? hasAnchor(other, anchor) : target !== '' && existsSync(join(out, target))
}

function leadsToSource(path: string, anchor: string): boolean {
  const file = join(REPOSITORY, path)
  return (
    existsSync(file) && (anchor === '' || !path.endsWith('.md') || listAnchors(readPage(path)).has(anchor))
  )
}

function hasAnchor(page: HTMLElement, anchor: string | undefined): boolean {
  return !anchor || page.querySelectorAll('[id]').some(element => element.id === anchor)
}
