import type { PictureInfo } from '../../src/protocol.ts'
import { urlOf } from './api.ts'
import type { Box } from './box.ts'

/** Photograph, matte and cutout of one size, in which the brush paints. */
export interface Layers {
  width: number
  height: number
  photograph: HTMLCanvasElement
  matte: HTMLCanvasElement
  cutout: HTMLCanvasElement
  /** The photograph: uint8, [height, width, 4]. */
  colors: Uint8ClampedArray
  /** The matte: uint8, [height, width]. Call `repaint` after a change. */
  alpha: Uint8ClampedArray
  /** Draws matte and cutout again. */
  repaint(box: Box): void
}

/** Loads the layers of a picture. */
export async function loadLayers(info: PictureInfo): Promise<Layers> {
  const [photograph, matte, cutout] = await Promise.all(
    ['photograph', 'matte', 'cutout'].map(part => loadCanvas(urlOf(info, part))),
  )
  return createLayers(photograph, matte, cutout)
}

/** Loads a picture into a canvas. */
export async function loadCanvas(url: string): Promise<HTMLCanvasElement> {
  const response = await fetch(url)
  if (!response.ok) {
    const body = await response.json().catch(() => undefined)
    throw new Error(body?.error?.message ?? `The server answers ${response.status}.`)
  }
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: 'none' })
  const canvas = document.createElement('canvas')
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  openContext(canvas).drawImage(bitmap, 0, 0)
  bitmap.close()
  return canvas
}

/** Reads a matte's levels: uint8, [height, width]. */
export function readLevels(matte: HTMLCanvasElement): Uint8ClampedArray {
  const pixels = readPixels(matte)
  const levels = new Uint8ClampedArray(pixels.length / 4)
  for (let i = 0; i < levels.length; i++) levels[i] = pixels[4 * i]
  return levels
}

function createLayers(
  photograph: HTMLCanvasElement,
  matte: HTMLCanvasElement,
  cutout: HTMLCanvasElement,
): Layers {
  const { width, height } = photograph
  const colors = readPixels(photograph)
  /** Colors without the old background, which the server has estimated for the original alpha. */
  const foreground = readPixels(cutout)
  const original = readLevels(matte)
  const alpha = original.slice()

  function repaint(box: Box): void {
    const boxWidth = box.right - box.left
    if (boxWidth <= 0 || box.bottom <= box.top) return
    const gray = new ImageData(boxWidth, box.bottom - box.top)
    const rgba = new ImageData(boxWidth, box.bottom - box.top)
    for (let y = box.top, to = 0; y < box.bottom; y++) {
      for (let i = y * width + box.left; i < y * width + box.right; i++, to += 4) {
        const level = alpha[i]
        // A restored pixel shows the photograph: the estimate is for the old alpha.
        const from = level > original[i] ? colors : foreground
        for (let channel = 0; channel < 3; channel++) {
          gray.data[to + channel] = level
          rgba.data[to + channel] = from[4 * i + channel]
        }
        gray.data[to + 3] = 255
        rgba.data[to + 3] = level
      }
    }
    openContext(matte).putImageData(gray, box.left, box.top)
    openContext(cutout).putImageData(rgba, box.left, box.top)
  }
  return { width, height, photograph, matte, cutout, colors, alpha, repaint }
}

function readPixels(canvas: HTMLCanvasElement): Uint8ClampedArray {
  return openContext(canvas).getImageData(0, 0, canvas.width, canvas.height).data
}

function openContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  return canvas.getContext('2d', { willReadFrequently: true })!
}
