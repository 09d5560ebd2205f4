import { cp, mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Model, models } from '@nobg/core'
import type { Options } from '../../src/core/options.ts'
import type { Project } from './project.ts'

/** The weights that the model `portrait` has in a test. */
export const portraitWeights: string = fileURLToPath(
  new URL('../../../u2netp/weights/u2netp.onnx', import.meta.url),
)

/** Gives `portrait` the weights of u2netp, with another normalization, so that tests have its weights. */
export function shrinkPortrait(): void {
  const portrait = models.find(({ id }) => id === 'portrait') as Model
  const { id, urls, license } = portrait
  const u2netp = models.find(({ id }) => id === 'u2netp') as Model
  Object.assign(portrait, { ...u2netp, ...{ id, package: undefined, urls, license, mean: [0.5, 0.5, 0.5] } })
}

/** Options with caches and weights of one project, and without downloads. */
export function optionsOf(project: Project, options: Options = {}): Options {
  return {
    substitute: {},
    download: false,
    modelsDir: project.path('models'),
    cacheDir: project.path('cache'),
    ...options,
  }
}

/** Puts the weights of `portrait` where a project looks for them. */
export async function putWeights(project: Project): Promise<void> {
  await mkdir(project.path('models'), { recursive: true })
  await cp(portraitWeights, project.path('models/portrait.onnx'))
}
