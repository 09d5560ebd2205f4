// `pnpm bench:page [--rounds 7] [--pictures 12] [--megapixels 1]`: how soon a page shows while its pictures are unfinished.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { arch, cpus, loadavg, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prepareBatch } from '../batch/pictures.ts'
import { openBrowser, type Visit, visitPage } from './open-page.ts'
import { type PageKind, pageKinds, writePage } from './pages.ts'
import { areAimsMet, type PageFigures, reportPages } from './report.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    pictures: { type: 'string', default: '12' },
    megapixels: { type: 'string', default: '1' },
  },
})
const [rounds, count, megapixels] = [values.rounds, values.pictures, values.megapixels].map(Number)

/** The time between the start of a server and the visit of a person. */
const BEFORE_VISIT_MS = 1000

const folder = await mkdtemp(join(tmpdir(), 'nobg-bench-page-'))
const browser = await openBrowser()
try {
  const batch = { model: 'u2netp', count, sizes: [megapixels] } as const
  const pictures = await prepareBatch(join(folder, 'photos'), batch)
  const figures: PageFigures[] = []
  for (const kind of Object.keys(pageKinds) as PageKind[]) {
    // The first visits read files of this machine and of the browser for the first time.
    await measureRound(kind, pictures, 0)
    const page: PageFigures = { kind, pictures: count, rounds: [] }
    for (let round = 1; round <= rounds; round++) {
      const visits = await measureRound(kind, pictures, round)
      page.rounds.push(visits)
      process.stderr.write(`${kind}, round ${round}: ${JSON.stringify(visits)}\n`)
    }
    figures.push(page)
  }
  process.stdout.write(`${count} pictures of ${megapixels} MP, u2netp, ${rounds} rounds\n\n`)
  process.stdout.write(`${reportPages(figures)}\n\n${describeMachine()}\n`)
  if (!areAimsMet(figures)) process.exitCode = 1
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}

/** Visits the page with nobg and without. Each side is the first in every second round. */
async function measureRound(
  kind: PageKind,
  pictures: readonly string[],
  round: number,
): Promise<PageFigures['rounds'][number]> {
  const visits = new Map<boolean, Visit>()
  for (const withNobg of round % 2 === 0 ? [false, true] : [true, false])
    visits.set(withNobg, await measureVisit(kind, pictures, withNobg))
  return { without: visits.get(false)!, with: visits.get(true)! }
}

/** Visits a page of a new server with empty caches. */
async function measureVisit(kind: PageKind, pictures: readonly string[], withNobg: boolean): Promise<Visit> {
  const root = join(folder, 'site')
  await rm(root, { recursive: true, force: true })
  await mkdir(root)
  await writePage(root, kind, pictures, withNobg)
  const script = fileURLToPath(new URL('serve-page.ts', import.meta.url))
  const server = fork(script, withNobg ? [root, join(root, '.nobg')] : [root], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(server, 'exit')
  try {
    const [url] = await Promise.race([once(server, 'message'), gone])
    if (typeof url !== 'string') throw new Error(`expected the address of a server, got ${url}`)
    await wait(BEFORE_VISIT_MS)
    return await visitPage(browser, url, withNobg ? pictures.length : 0)
  } finally {
    if (server.connected) server.disconnect()
    await gone
  }
}

function describeMachine(): string {
  const [load] = loadavg()
  return (
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? arch()}, ${platform()}, ` +
    `Node ${process.version}, load average ${load.toFixed(1)}.`
  )
}
