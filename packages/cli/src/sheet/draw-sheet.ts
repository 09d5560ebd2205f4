import sharp, { type Region, type Sharp } from 'sharp'

/** A picture and its position on the sheet. Lengths in px. */
export interface Panel {
  /** Path of an image file, or its bytes. */
  picture: string | Uint8Array
  /** The part of the picture to show. Default: all of it. */
  region?: Region
  left: number
  top: number
  width: number
  height: number
  /** Background of the picture: `checkerboard`, or a CSS color. Default: white. */
  backdrop?: string
}

/** A line of text; `top` is its baseline. */
export interface Label {
  text: string
  left: number
  top: number
  bold?: boolean
}

export interface Sheet {
  width: number
  height: number
  panels: Panel[]
  labels?: Label[]
}

/** librsvg draws nothing whose side is above 32767 px; a sheet of a hundred pictures is taller. */
const STRIP_HEIGHT = 16_384

/** Draws pictures and text on white. @returns a sharp instance with three channels */
export async function drawSheet({ width, height, panels, labels = [] }: Sheet): Promise<Sharp> {
  const drawing = [...panels.map(drawBackdrop), ...labels.map(drawLabel)].join('')
  const strips = Array.from({ length: Math.ceil(height / STRIP_HEIGHT) }, (_, index) => {
    const top = index * STRIP_HEIGHT
    return { input: drawStrip(drawing, width, top, Math.min(STRIP_HEIGHT, height - top)), left: 0, top }
  })
  const pictures = panels.map(async ({ picture, region, left, top, width, height }) => {
    const upright = sharp(picture).autoOrient()
    const part = region ? upright.extract(region) : upright
    return { input: await part.resize(width, height).png().toBuffer(), left, top }
  })
  return sharp({ create: { width, height, channels: 3, background: 'white' } })
    .composite([...strips, ...(await Promise.all(pictures))])
    .removeAlpha()
}

function drawStrip(drawing: string, width: number, top: number, height: number): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 ${top} ${width} ${height}">
    <pattern id="checkerboard" width="20" height="20" patternUnits="userSpaceOnUse">
      <path fill="#f6f5f2" d="M0 0h20v20H0z"/><path fill="#dfdcd5" d="M0 0h10v10H0zm10 10h10v10H10z"/>
    </pattern>
    ${drawing}
  </svg>`)
}

function drawBackdrop({ backdrop = 'none', left, top, width, height }: Panel): string {
  const fill = backdrop === 'checkerboard' ? 'url(#checkerboard)' : backdrop
  return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${fill}"/>`
}

function drawLabel({ text, left, top, bold = false }: Label): string {
  const style = bold ? 'font-weight="bold" fill="#1d1b18"' : 'fill="#6b665e"'
  return `<text x="${left}" y="${top}" font-family="sans-serif" font-size="16" ${style}>${escapeText(text)}</text>`
}

function escapeText(text: string): string {
  const printable = text.replace(/[\p{Cc}\p{Cs}]/gu, '\u{fffd}')
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
