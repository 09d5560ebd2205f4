import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Config, createRemover } from '@nobg/core'
import {
  createReview,
  type Review,
  type ReviewOptions,
  type ServedReview,
  serveReview,
} from '../../src/index.ts'

const repository = resolve(import.meta.dirname, '../../../..')
const photos = {
  cat: join(repository, 'packages/unplugin/test/fixtures/photos/cat.jpg'),
  astronaut: join(repository, 'packages/unplugin/test/fixtures/photos/astronaut.jpg'),
  coffee: join(repository, 'examples/vite/src/photos/coffee.png'),
}

/** A project with photographs and its review, at an address. */
export interface TestReview extends AsyncDisposable {
  root: string
  path(...names: string[]): string
  review: Review
  served: ServedReview
  /** Matte files that the review has written. */
  saved: string[]
}

/** One cache, so that each matte is predicted once per test file. */
let cacheDir: Promise<string> | undefined

/** Removes the cache of the test file. */
export async function removeCache(): Promise<void> {
  if (cacheDir) await rm(await cacheDir, { recursive: true, force: true })
  cacheDir = undefined
}

/** Copies photographs into a new folder, and serves the review of them. */
export async function openReview(
  files: Record<string, keyof typeof photos>,
  { config, ...options }: Partial<ReviewOptions> & { config?: Config } = {},
): Promise<TestReview> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'nobg-review-')))
  const path = (...names: string[]) => join(root, ...names)
  for (const [file, photo] of Object.entries(files)) {
    await mkdir(dirname(path(file)), { recursive: true })
    await cp(photos[photo], path(file))
  }
  cacheDir ??= mkdtemp(join(tmpdir(), 'nobg-review-cache-'))
  const logger = { info() {}, warn() {} }
  const whole: Config = { root, cacheDir: await cacheDir, logger, ...config }
  const remover = createRemover(whole)
  const saved: string[] = []
  // The page of these tests has only the token.
  await mkdir(path('node_modules/page'), { recursive: true })
  await writeFile(path('node_modules/page/index.html'), '<html><head></head></html>')
  const review = createReview({
    config: whole,
    remover,
    listPictures: () =>
      Object.keys(files).map(file => ({
        path: path(file),
        options: { model: 'u2netp' },
        importedBy: [path('src/main.js')],
      })),
    page: path('node_modules/page'),
    onSaved: (_, file) => saved.push(file),
    ...options,
  })
  const served = await serveReview(review)
  return {
    root,
    path,
    review,
    served,
    saved,
    async [Symbol.asyncDispose]() {
      await served.close()
      await review.close()
      await remover.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
