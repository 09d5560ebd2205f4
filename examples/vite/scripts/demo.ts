/** Builds this example and prints what nobg did: `pnpm --filter example-vite demo`. */
import { stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawContactSheet } from 'nobg/sheet'
import nobg, { type CutoutReport } from 'unplugin-nobg/vite'
import { build, type Plugin } from 'vite'
import { alignColumns, formatSummary, formatTimings } from './format-report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const sheetFile = join(dist, 'contact-sheet.png')

/** Records the output path of each file: absolute path of the original → absolute path in dist. */
function notePlaces(places: Map<string, string>): Plugin {
  return {
    name: 'note-places',
    generateBundle(_, bundle) {
      for (const item of Object.values(bundle)) {
        if (item.type !== 'asset') continue
        for (const name of item.originalFileNames) places.set(resolve(root, name), join(dist, item.fileName))
      }
    },
  }
}

async function describePlace(path: string): Promise<string[]> {
  const { size } = await stat(path)
  return [fromWhereYouAre(path), `${Math.round(size / 1000)} kB`]
}

function fromWhereYouAre(path: string): string {
  return relative(process.env.INIT_CWD ?? process.cwd(), path)
}

async function demo(): Promise<void> {
  const reports: CutoutReport[] = []
  const places = new Map<string, string>()
  const started = performance.now()
  // The build of vite.config.ts, with a callback for its cutouts.
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    // Hides the note that the first build waits for its pictures.
    build: { rolldownOptions: { checks: { pluginTimings: false } } },
    plugins: [nobg({ substitute: 'u2netp', onCutout: report => reports.push(report) }), notePlaces(places)],
  })
  const buildMs = performance.now() - started
  if (reports.length === 0) throw new Error('Expected cutouts, got none. Check that NOBG=off is not set.')
  reports.sort((a, b) => basename(a.file).localeCompare(basename(b.file)))
  // A mask without a cutout gets no row.
  const rows = reports.filter(({ kind }) => kind === 'cutout')
  const sheet = await drawContactSheet(
    rows.map(({ source, file, model }) => ({
      photograph: source,
      cutout: file,
      label: `${basename(source)}, ${model}`,
    })),
  )
  await sheet.png().toFile(sheetFile)

  const files = await Promise.all(reports.map(({ file }) => describePlace(places.get(file) ?? file)))
  const sections = [
    alignColumns(files),
    formatTimings(reports),
    [formatSummary(reports, buildMs)],
    [
      `Contact sheet  ${fromWhereYouAre(sheetFile)}`,
      'Page           npx -y pnpm@12 --filter example-vite preview, then open http://localhost:4173',
    ],
  ]
  const filled = sections.filter(lines => lines.length > 0)
  console.log(filled.map(lines => lines.join('\n')).join('\n\n'))
}

try {
  await demo()
} catch (error) {
  // The stack adds nothing to the message.
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
