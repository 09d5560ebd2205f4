// Runs in a worker thread: arithmetic on megapixels, which would freeze the main thread for a second.
import Tinypool from 'tinypool'
import { type CutoutSettings, composeCutout } from '../matting/compose.ts'
import { extractAlpha } from '../matting/matte.ts'
import type { Matte, Raster } from '../types.ts'
import { type Reply, replyWith } from './reply.ts'

export interface ComposeTask {
  raster: Raster
  matte: Matte
  settings: CutoutSettings
  /** Whether the full-size alpha is wanted beside the cut-out. */
  mask: boolean
}

export interface Composed {
  /** uint8, [height, width, 4], straight alpha. */
  raster: Raster
  /** The raster's alpha plane, where asked for. */
  mask?: Matte
}

export default async function compose({
  raster,
  matte,
  settings,
  mask,
}: ComposeTask): Promise<Reply<Composed>> {
  const reply = await replyWith(() => {
    const cutout = composeCutout(raster, matte, settings).raster
    return mask ? { raster: cutout, mask: extractAlpha(cutout) } : { raster: cutout }
  })
  return 'value' in reply ? movePixels(reply, reply.value) : reply
}

/** Hands the pixels over without a copy. */
function movePixels(reply: Reply<Composed>, { raster, mask }: Composed): Reply<Composed> {
  const movable = {
    [Tinypool.transferableSymbol]: [raster.data.buffer, ...(mask ? [mask.data.buffer] : [])],
    [Tinypool.valueSymbol]: reply,
  }
  return Tinypool.move(movable as never) as unknown as Reply<Composed>
}
