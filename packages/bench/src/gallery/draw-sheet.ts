import sharp, { type Sharp } from 'sharp'

/** A picture of a sheet. */
export interface Panel {
  /** Any picture that sharp reads. Its transparent parts show the background. */
  picture: Buffer
  /** CSS color, or a checkerboard. */
  background: string
  /** Text below the panel. */
  label?: string
}

/** px */
const GAP = 8
const TEXT_HEIGHT = 26

const BOARD =
  '<pattern id="board" width="20" height="20" patternUnits="userSpaceOnUse"><path fill="#f6f5f2" d="M0 0h20v20H0z"/><path fill="#dfdcd5" d="M0 0h10v10H0zm10 10h10v10H10z"/></pattern>'

/**
 * Draws panels of equal size in rows, on white. All pictures have the shape of the first one.
 *
 * @param width width of a panel in px
 * @param columns number of panels per row
 */
export async function drawSheet(panels: readonly Panel[], width: number, columns: number): Promise<Sharp> {
  const first = await sharp(panels[0].picture).metadata()
  const height = Math.round((width * first.height) / first.width)
  const rowHeight = height + GAP + (panels.some(({ label }) => label) ? TEXT_HEIGHT : 0)
  const places = panels.map((_, index) => ({
    left: GAP + (index % columns) * (width + GAP),
    top: GAP + Math.floor(index / columns) * rowHeight,
  }))
  const total = {
    width: GAP + columns * (width + GAP),
    height: GAP + Math.ceil(panels.length / columns) * rowHeight,
  }
  const shapes = panels.map(({ background, label = '' }, index) => {
    const { left, top } = places[index]
    const fill = background === 'checkerboard' ? 'url(#board)' : background
    return (
      `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${fill}"/>` +
      `<text x="${left}" y="${top + height + 19}" font-family="sans-serif" font-size="16">${label}</text>`
    )
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}">${BOARD}${shapes.join('')}</svg>`
  const pictures = await Promise.all(
    panels.map(async ({ picture }, index) => ({
      input: await sharp(picture).resize(width, height, { fit: 'fill' }).png().toBuffer(),
      ...places[index],
    })),
  )
  return sharp({ create: { ...total, channels: 3, background: 'white' } }).composite([
    { input: Buffer.from(svg) },
    ...pictures,
  ])
}
