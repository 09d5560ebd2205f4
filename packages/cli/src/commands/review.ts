import { once } from 'node:events'
import { relative, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { isOwnMatteName, resolveConfig } from '@nobg/core/internal'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { parseAs, wholeNumber } from '../flag-values.ts'
import { addOptionFlags, readOptions } from '../flags.ts'
import { findSources } from '../inputs.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, findOwnFolders, modelSettings, type Settings, toConfig } from '../settings.ts'

interface Flags extends Settings {
  port: number
  mattes?: string
}

const HELP = `
The page shows every picture, doubtful ones first. Accepting a matte writes it to the folder of kept mattes or, without
one, as ada.matte.png beside ada.jpg. In Vite, the development server has this page at /__nobg/.`

/** `nobg review`: a page on this machine to compare, correct and accept mattes. */
export function addReviewCommand(program: Command, { signal }: Context): void {
  const review = program
    .command('review')
    .argument('[inputs...]', 'Files, folders and globs. Default: the working directory.')
    .description('Serve a page to review and correct the mattes of pictures, and print its URL.')
    .addOption(
      new Option('--port <n>', 'Port to listen on; 0 for any free port.')
        .default(0)
        .argParser(parseAs(wholeNumber(0, 65_535))),
    )
    .option('--mattes <folder>', 'Folder of kept mattes. Default: NOBG_MATTES, else none.')
    .addHelpText('after', HELP)
  addOptionFlags(review, ['outputFormat', 'outputQuality', 'outputLossless', 'outputMask', 'backgroundColor'])
  addSettingFlags(review, ['concurrency', ...modelSettings])
  review.action(async (words: string[], flags: Flags) => {
    const config = { ...toConfig(flags, writeLine), mattes: flags.mattes }
    const { mattes } = resolveConfig(config)
    const noInputs = [...findOwnFolders(flags), ...(mattes ? [mattes] : [])]
    const paths = await listPhotographs(words.length > 0 ? words : ['.'], noInputs)
    const options = readOptions(review)
    const { createReview, serveReview } = await import('@nobg/review')
    const opened = createReview({ config, listPictures: () => paths.map(path => ({ path, options })) })
    const served = await serveReview(opened, flags)
    const count = `${paths.length} ${paths.length === 1 ? 'picture' : 'pictures'}`
    writeLine(`nobg review of ${count}: ${served.url}`)
    writeLine('Press Ctrl-C to stop.')
    if (!signal.aborted) await once(signal, 'abort')
    await served.close()
    await opened.close()
  })
}

/** Absolute paths of the photographs, without mattes and cutouts. @throws {NobgError} */
async function listPhotographs(words: readonly string[], noInputs: readonly string[]): Promise<string[]> {
  const { sources, inputFailures } = await findSources(words, noInputs)
  const paths = sources.flatMap(({ path }) => (path && !isOwnMatteName(path) ? [path] : []))
  for (const { label, error } of inputFailures) writeLine(`nobg: ${label}: ${error.message}`)
  if (paths.length > 0) return paths
  throw (
    inputFailures[0]?.error ??
    new NobgError('SOURCE_NOT_FOUND', `Expected photographs, got none in ${words.map(shorten).join(', ')}.`, {
      hint: 'Give files, folders or globs: nobg review photos',
    })
  )
}

function shorten(word: string): string {
  return relative('', resolve(word)) || 'the working directory'
}
