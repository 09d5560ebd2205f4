// `pnpm gallery [--confirm]`: draws the sheets of docs/gallery/ and writes docs/gallery.md.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from '../describe-machine.ts'
import { installPeers } from '../install-peers.ts'
import type { BenchModel } from '../pipelines/pipeline.ts'
import { insertFigures } from '../quality/report.ts'
import { listModels, openRemover } from '../quality/trials.ts'
import { cutByPeers } from './cut-by-peers.ts'
import { cutPicture, type GalleryCut } from './cut-pictures.ts'
import { drawEdges } from './edges.ts'
import { EDGES_INTRODUCTION, formatEdges, formatPicture } from './page.ts'
import { galleryPictures } from './photographs.ts'
import { confirmVerdicts, findVerdict, readVerdicts, writeVerdicts } from './verdicts.ts'

const docs = fileURLToPath(new URL('../../../../docs', import.meta.url))
const page = join(docs, 'gallery.md')
/** The models that other libraries can run, too. */
const compared: readonly BenchModel[] = ['isnet', 'u2netp']

const { values } = parseArgs({ options: { confirm: { type: 'boolean' } } })
const scratch = await mkdtemp(join(tmpdir(), 'nobg-gallery-'))
const remover = openRemover(join(scratch, 'cache'))
try {
  await installPeers()
  await rm(join(docs, 'gallery'), { recursive: true, force: true })
  await mkdir(join(docs, 'gallery'))
  const cuts = await cutAll()
  if (values.confirm) await writeVerdicts(confirmVerdicts(await readVerdicts(), cuts))
  const sections = [await showPictures(cuts), EDGES_INTRODUCTION, await showEdges(cuts)]
  const models = [...new Set(cuts.map(({ model }) => model))].join(', ')
  const text = [...sections, `${describeMachine()}. Models: ${models}.`]
  await writeFile(page, insertFigures(await readFile(page, 'utf8'), text.join('\n\n'), 'pnpm gallery'))
} finally {
  await remover.close()
  await rm(scratch, { recursive: true, force: true })
}

async function cutAll(): Promise<GalleryCut[]> {
  const cuts: GalleryCut[] = []
  for (const model of await listModels()) {
    for (const picture of galleryPictures) {
      say(`${picture.id}, ${model} …`)
      cuts.push(await cutPicture(remover, picture, model))
    }
  }
  return cuts
}

/** Writes the sheets. Sets the exit code to 1 if a verdict is missing or belongs to other pixels. */
async function showPictures(cuts: readonly GalleryCut[]): Promise<string> {
  const verdicts = await readVerdicts()
  const sections: string[] = []
  for (const picture of galleryPictures) {
    const shown = []
    for (const cut of cuts.filter(cut => cut.picture === picture.id)) {
      const { model, codes, matte } = cut
      const verdict = findVerdict(verdicts, picture.id, model, matte)
      if (verdict === undefined) {
        say(
          `${picture.id}, ${model}: no verdict of the matte ${matte}. View the sheet, correct verdicts.json, then --confirm.`,
        )
        process.exitCode = 1
      }
      shown.push({ model, codes, verdict, sheet: await save(`${picture.id}-${model}`, cut.sheet) })
    }
    sections.push(formatPicture(picture, shown))
  }
  return sections.join('\n\n')
}

async function showEdges(cuts: readonly GalleryCut[]): Promise<string> {
  const sections: string[] = []
  const pictures = galleryPictures.flatMap(({ crop, ...picture }) => (crop ? { ...picture, crop } : []))
  const files = pictures.map(({ file }) => file)
  for (const model of compared) {
    if (!cuts.some(cut => cut.model === model)) continue
    const peers = await cutByPeers(files, model, scratch)
    sections.push(`### The weights of ${model}`)
    for (const [i, { id, title, file, crop }] of pictures.entries()) {
      const { cutout } = cuts.find(cut => cut.picture === id && cut.model === model)!
      const others = peers.map(({ title, cuts }) => ({ title, cut: cuts[i] }))
      const shown = [
        { title: 'nobg', bytes: await readFile(cutout) },
        ...others.flatMap(({ title, cut }) => ('bytes' in cut ? { title, ...cut } : [])),
      ]
      const failures = others.flatMap(({ title, cut }) =>
        'failure' in cut ? `${title} makes no cutout: “${cut.failure}”` : [],
      )
      const sheet = await save(`${id}-${model}-edges`, await drawEdges(file, crop, shown))
      sections.push(
        formatEdges({ ...crop, title, model, libraries: shown.map(({ title }) => title), failures, sheet }),
      )
    }
  }
  return sections.join('\n\n')
}

/** @returns the path relative to the page */
async function save(name: string, sheet: Buffer): Promise<string> {
  await writeFile(join(docs, 'gallery', `${name}.webp`), sheet)
  return `gallery/${name}.webp`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
