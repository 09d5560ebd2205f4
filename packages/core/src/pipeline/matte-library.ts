import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { createSourceReader } from '../image/source.ts'
import { type KeptMatte, listKeptMattes } from '../mattes/list-kept-mattes.ts'
import { listTwins } from '../mattes/twins.ts'
import { copyWhole } from '../shared/copy-file.ts'
import { NobgError } from '../shared/errors.ts'
import type { Finding, RunOptions } from '../shared/types.ts'
import { type Config, resolveConfig } from './config.ts'
import { createRemover } from './remover.ts'

/** A kept matte, who made it, and whether a photograph uses it. */
export interface ListedMatte extends KeptMatte {
  /** `hand`: the file was changed, or made by another program. */
  by: 'model' | 'hand'
  /**
   * `current`: the photograph has the content that the matte was made for. `outdated`: it has another. `unused`: there is no
   * photograph at its path. `unknown`: the image was no file, or its file cannot be read.
   */
  state: 'current' | 'outdated' | 'unused' | 'unknown'
}

/** A kept matte, and what its check found. */
export interface CheckedMatte extends ListedMatte {
  /** Why the matte is probably wrong; empty if nothing was found, or if no photograph has the content it was made for. */
  findings: Finding[]
  /** Why the matte or its photograph cannot be read: INVALID_MATTE, and the codes of images. */
  error?: NobgError
}

/** The folder of kept mattes. */
export interface MatteLibrary {
  /** Absolute path of the folder. */
  readonly dir: string
  /** Returns all mattes, by path. Decodes each, about 5 ms per matte of 1024 px. */
  list(): Promise<ListedMatte[]>
  /** Returns all mattes, by path, and checks those that are `current`. Decodes each with its photograph, about 100 ms each. */
  check(): Promise<CheckedMatte[]>
  /**
   * Removes the outdated and unused mattes that nobg made.
   *
   * @param options.byHand whether outdated and unused mattes that were corrected by hand are removed, too
   * @returns the removed mattes
   */
  prune(options?: { byHand?: boolean }): Promise<ListedMatte[]>
  /**
   * Predicts a matte again. If that fails, the old file stays.
   *
   * @param options.byHand whether a matte that was corrected by hand may be replaced
   * @throws {NobgError} INVALID_OPTION if the file is no kept matte, or was corrected by hand; and what `removeBackground` throws
   */
  remake(file: string, options?: { byHand?: boolean } & RunOptions): Promise<void>
}

/**
 * Opens the folder of kept mattes, `config.mattes`. Reads nothing yet.
 *
 * @throws {NobgError} INVALID_OPTION if the config is wrong or names no folder
 */
export function createMatteLibrary(input: Config = {}): MatteLibrary {
  const { mattes: dir, root, maxPixels } = resolveConfig(input)
  if (!dir) {
    throw new NobgError(
      'INVALID_OPTION',
      'Expected a folder of kept mattes, got none: the config field `mattes` is not set.',
      {
        hint: "Set `mattes: 'mattes'`, the variable NOBG_MATTES, or the flag --mattes.",
      },
    )
  }
  const readSource = createSourceReader()

  async function describe(matte: KeptMatte): Promise<ListedMatte> {
    // Loaded here, because a program with a warm cache must not load sharp.
    const { isPredictedMatte } = await import('../image/matte-file.ts')
    const isPredicted = await isPredictedMatte(await readFile(matte.file))
    return { ...matte, by: isPredicted ? 'model' : 'hand', ...(await findPhotograph(matte)) }
  }

  /** The photograph of a matte, or its twin that has the content of the matte. */
  async function findPhotograph({
    photograph,
    digest,
  }: KeptMatte): Promise<Pick<ListedMatte, 'photograph' | 'state'>> {
    if (!photograph) return { photograph, state: 'unknown' }
    const found = { photograph, state: await findState(photograph, digest) }
    if (found.state === 'current') return found
    const twins = await listTwins(photograph, root)
    const all = await Promise.all(
      twins.map(async twin => ({ photograph: twin, state: await findState(twin, digest) })),
    )
    return all.find(({ state }) => state === 'current') ?? all[0] ?? found
  }

  async function findState(photograph: string, digest: string): Promise<ListedMatte['state']> {
    if (!existsSync(photograph)) return 'unused'
    // A photograph that cannot be read may still need its matte, which `prune` must not remove.
    const source = await readSource(photograph).catch(() => undefined)
    if (!source) return 'unknown'
    return source.digest.startsWith(digest) ? 'current' : 'outdated'
  }

  async function list(): Promise<ListedMatte[]> {
    const listed: ListedMatte[] = []
    for (const matte of await listKeptMattes(dir as string, root)) listed.push(await describe(matte))
    return listed
  }

  async function check(): Promise<CheckedMatte[]> {
    const checked: CheckedMatte[] = []
    // Loaded here, because a program with a warm cache must not load sharp.
    const { checkKeptMatte } = await import('./check-kept-matte.ts')
    for (const matte of await list()) {
      const { file, photograph, state } = matte
      const isCheckable = photograph !== undefined && state === 'current'
      const found = isCheckable ? await checkKeptMatte(file, photograph, maxPixels) : { findings: [] }
      checked.push({ ...matte, ...found })
    }
    return checked
  }

  async function prune({ byHand = false } = {}): Promise<ListedMatte[]> {
    const isLeft = ({ by, state }: ListedMatte) => /outdated|unused/.test(state) && (byHand || by === 'model')
    const removed = (await list()).filter(isLeft)
    for (const { file } of removed) await rm(file, { force: true })
    return removed
  }

  async function findMatte(file: string): Promise<ListedMatte> {
    const path = resolve(file)
    const matte = (await listKeptMattes(dir as string, root)).find(matte => matte.file === path)
    if (matte) return describe(matte)
    throw new NobgError('INVALID_OPTION', `Expected a matte in ${dir}, got ${path}.`, {
      hint: 'Run nobg mattes to list the mattes, and give the path of a matte from the list.',
    })
  }

  async function remake(file: string, options: { byHand?: boolean } & RunOptions = {}): Promise<void> {
    const { byHand = false, ...run } = options
    const matte = await findMatte(file)
    if (matte.by === 'hand' && !byHand) {
      throw new NobgError(
        'INVALID_OPTION',
        `Expected a predicted matte, got a matte that was corrected by hand: ${matte.file}`,
        {
          hint: 'To replace the matte, use --by-hand (in code: { byHand: true }), or delete the file.',
        },
      )
    }
    await replace(matte, run)
  }

  /** Predicts into a temporary folder: the old file stays until the new one is whole, also if the process is killed. */
  async function replace(
    { file, photograph = '', model, operatingResolution, state }: ListedMatte,
    run: RunOptions,
  ) {
    const temporary = await mkdtemp(join(tmpdir(), 'nobg-remake-'))
    // The name of the file names the model: a substitute would write another file.
    const remover = createRemover({ ...input, root, mattes: temporary, frozen: false, substitute: {} })
    try {
      await remover.composeCutout(photograph, { ...run, model, operatingResolution, allowEmpty: true })
      const [made] = await listKeptMattes(temporary, root)
      if (!made) throw notPredicted(file, photograph)
      const target = state === 'current' ? file : join(dir as string, relative(temporary, made.file))
      await copyWhole(made.file, target)
      if (target !== file) await rm(file)
    } finally {
      await remover.close()
      await rm(temporary, { recursive: true, force: true })
    }
  }

  return { dir, list, check, prune, remake }
}

function notPredicted(file: string, photograph: string): NobgError {
  return new NobgError(
    'INVALID_MATTE',
    `Expected a photograph without a matte of your own beside it, got ${photograph} with such a matte.`,
    {
      hint: `Delete the matte beside the photograph to predict again, or delete the unused kept matte ${file}.`,
    },
  )
}
