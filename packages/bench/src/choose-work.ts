import { batches, type PictureBatch, quickBatches } from './batch/batches.ts'
import { type Contestant, contestants } from './contestants.ts'
import { sizes } from './pictures.ts'
import type { BenchModel } from './pipelines/pipeline.ts'

/** What a run measures. */
export interface Work {
  models: readonly BenchModel[]
  /** Megapixels. */
  sizes: readonly number[]
  entrants: readonly Contestant[]
  /** Warm pictures that do not count, and pictures that do, per contestant and size. */
  warmUps: number
  rounds: number
  /** New processes per contestant and size. */
  coldTimes: number
  /** Whether the warm cache is measured. */
  cache: boolean
  /** Pictures that are cut out together. */
  batches: readonly PictureBatch[]
  /** Whether the refinement of colors is measured. */
  refinement: boolean
}

/** Contestants that a quick run leaves out, unless they are named. */
const slow = ['nobg-low', 'imgly']

/** Measurements in addition to the rows. */
const sections = ['cache', 'batch', 'refinement']

const models: readonly BenchModel[] = ['u2netp', 'isnet']

/**
 * Parses the flags of the command line.
 *
 * @param only words joined by commas: models, sizes (`4mp`), contestants, `cache`, `batch`, `refinement`. If no model is
 *   named, all models are measured; the same holds for sizes and contestants. The last three are measured only if they are
 *   named. If only these three are named, no rows are measured.
 * @throws {Error} for an unknown word
 */
export function chooseWork(only: string | undefined, quick: boolean): Work {
  const words = only?.split(',') ?? []
  const known = [...models, ...sizes.map(spellSize), ...contestants.map(({ id }) => id), ...sections]
  const unknown = words.find(word => !known.includes(word))
  if (unknown !== undefined)
    throw new Error(`--only: expected words of ${known.join(', ')}; got '${unknown}'`)
  const pick = <Item>(items: readonly Item[], nameOf: (item: Item) => string, otherwise = items) => {
    const picked = items.filter(item => words.includes(nameOf(item)))
    return picked.length ? picked : otherwise
  }
  const hasRows = !only || words.some(word => !sections.includes(word))
  const hasSection = (name: string) => !only || words.includes(name)
  return {
    models: hasRows ? pick(models, model => model) : [],
    sizes: pick<number>(sizes, spellSize, quick ? sizes.slice(0, 2) : sizes),
    entrants: pick(
      contestants,
      ({ id }) => id,
      quick ? contestants.filter(({ id }) => !slow.includes(id)) : contestants,
    ),
    warmUps: quick ? 1 : 3,
    rounds: quick ? 2 : 5,
    coldTimes: quick ? 1 : 2,
    cache: hasSection('cache'),
    batches: hasSection('batch') ? (quick ? quickBatches : batches) : [],
    refinement: hasSection('refinement'),
  }
}

function spellSize(megapixels: number): string {
  return `${megapixels}mp`
}
