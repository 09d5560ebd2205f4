import { join } from 'node:path'
import type { Sharp } from 'sharp'
import { peersDir, requirePeer } from '../peers.ts'
import type { Pipeline } from './pipeline.ts'

interface RembgNode {
  Rembg: new (options: { logging: boolean }) => { remove(image: Sharp): Promise<Sharp> }
}

/** rembg-node with u2netp, under the file name that it expects for U²-Net. It opens a new session for every picture. */
export async function openRembg(): Promise<Pipeline> {
  process.env.U2NET_HOME = join(peersDir, 'models')
  const sharp = requirePeer<(path: string) => Sharp>('sharp')
  const { Rembg } = requirePeer<RembgNode>('rembg-node')
  const rembg = new Rembg({ logging: false })
  return {
    async cut(path) {
      const image = await rembg.remove(sharp(path))
      return { bytes: await image.png().toBuffer() }
    },
  }
}
