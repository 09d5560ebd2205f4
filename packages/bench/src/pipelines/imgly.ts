import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { peersDir, requirePeer } from '../peers.ts'
import type { Pipeline } from './pipeline.ts'

interface Imgly {
  removeBackground(image: string, config: { publicPath: string; model: 'medium' }): Promise<Blob>
}

/** @imgly/background-removal-node with its defaults: IS-Net `medium`, output as a palette PNG. */
export async function openImgly(): Promise<Pipeline> {
  const { removeBackground } = requirePeer<Imgly>('@imgly/background-removal-node')
  const dist = join(peersDir, 'node_modules', '@imgly', 'background-removal-node', 'dist')
  const config = { publicPath: `${pathToFileURL(dist)}/`, model: 'medium' } as const
  return {
    async cut(path) {
      const blob = await removeBackground(`${pathToFileURL(path)}`, config)
      return { bytes: new Uint8Array(await blob.arrayBuffer()) }
    },
  }
}
