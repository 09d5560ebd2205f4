import sharp, { type Sharp } from 'sharp'
import { drawSheet, type Label, type Panel } from './draw-sheet.ts'

/** One row: a photograph and its cutout, each as a path or as the bytes of an image file. */
export interface ContactRow {
  photograph: string | Uint8Array
  /** With the matte as alpha. */
  cutout: string | Uint8Array
  /** Text below the pictures. */
  label: string
}

const COLUMNS = ['Photograph', 'Mask', 'Cutout']
const COLUMN_WIDTH = 400
/** Pictures that would be taller are scaled to this height. */
const MAX_HEIGHT = 600
const GAP = 24
const TEXT_HEIGHT = 32

/**
 * Draws photograph, mask and cutout of each row side by side, the cutout on a checkerboard.
 *
 * @param color CSS color of a fourth column, which shows the cutout on it
 */
export async function drawContactSheet(rows: readonly ContactRow[], color?: string): Promise<Sharp> {
  const columns = color ? [...COLUMNS, `On ${color}`] : COLUMNS
  const labels: Label[] = columns.map((text, column) => ({
    text,
    left: leftOf(column),
    top: GAP + 12,
    bold: true,
  }))
  const panels: Panel[] = []
  let top = GAP + TEXT_HEIGHT
  for (const row of rows) {
    const { height, panels: drawn } = await drawRow(row, top, color)
    panels.push(...drawn)
    labels.push({ text: row.label, left: GAP, top: top + height + 22 })
    top += height + TEXT_HEIGHT + GAP
  }
  return drawSheet({ width: leftOf(columns.length), height: top, panels, labels })
}

async function drawRow(
  { photograph, cutout }: ContactRow,
  top: number,
  color: string | undefined,
): Promise<{ height: number; panels: Panel[] }> {
  const picture = await sharp(cutout).metadata()
  const scale = Math.min(COLUMN_WIDTH / picture.width, MAX_HEIGHT / picture.height)
  const width = Math.max(1, Math.round(picture.width * scale))
  const height = Math.max(1, Math.round(picture.height * scale))
  const place = (column: number) => ({ left: leftOf(column), top, width, height })
  const mask = await sharp(cutout).extractChannel('alpha').png().toBuffer()
  const panels: Panel[] = [
    { picture: photograph, ...place(0) },
    { picture: mask, ...place(1) },
    { picture: cutout, ...place(2), backdrop: 'checkerboard' },
    ...(color ? [{ picture: cutout, ...place(3), backdrop: color }] : []),
  ]
  return { height, panels }
}

function leftOf(column: number): number {
  return GAP + column * (COLUMN_WIDTH + GAP)
}
