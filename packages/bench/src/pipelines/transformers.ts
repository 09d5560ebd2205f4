import { join } from 'node:path'
import { peersDir, requirePeer } from '../peers.ts'
import type { BenchModel, Pipeline } from './pipeline.ts'

interface Transformers {
  env: { allowRemoteModels: boolean; localModelPath: string; useFSCache: boolean }
  pipeline(
    task: 'background-removal',
    model: string,
    options: object,
  ): Promise<(path: string) => Promise<RawImage>>
}

interface RawImage {
  toSharp(): { png(): { toBuffer(): Promise<Buffer> } }
}

/** transformers.js: its `background-removal` pipeline with local weights, encoded as in its method `save`. */
export async function openTransformers(model: BenchModel): Promise<Pipeline> {
  const { env, pipeline } = requirePeer<Transformers>('@huggingface/transformers')
  env.allowRemoteModels = false
  env.localModelPath = join(peersDir, 'models')
  const remove = await pipeline('background-removal', model, { dtype: 'fp32', device: 'cpu' })
  return {
    async cut(path) {
      const image = await remove(path)
      return { bytes: await image.toSharp().png().toBuffer() }
    },
  }
}
