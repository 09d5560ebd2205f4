import { basename } from 'node:path'
import sharp from 'sharp'
import { drawSheet, type Label, type Panel } from './draw-sheet.ts'

/** One row: a photograph and what became of it, as paths. */
export interface Row {
  source: string
  file: string
  kind: 'cutout' | 'mask'
  model: string
}

const COLUMNS = ['Photograph', 'Mask', 'Cut-out']
const COLUMN_WIDTH = 400
const GAP = 24
const TEXT_HEIGHT = 32

/** Draws photograph, mask and cut-out of each row side by side; a mask of its own gets no row. */
export async function writeContactSheet(rows: Row[], outputFile: string): Promise<void> {
  const panels: Panel[] = []
  const labels: Label[] = COLUMNS.map((text, column) => ({
    text,
    left: leftOf(column),
    top: GAP + 12,
    bold: true,
  }))
  let top = GAP + TEXT_HEIGHT
  for (const { source, file, model } of rows.filter(({ kind }) => kind === 'cutout')) {
    const { width, height: fullHeight } = await sharp(file).metadata()
    const height = Math.round((COLUMN_WIDTH * fullHeight) / width)
    const place = (column: number) => ({ left: leftOf(column), top, width: COLUMN_WIDTH, height })
    const mask = await sharp(file).extractChannel('alpha').png().toBuffer()
    panels.push(
      { picture: source, ...place(0) },
      { picture: mask, ...place(1) },
      { picture: file, ...place(2), backdrop: 'checkerboard' },
    )
    labels.push({ text: `${basename(source)}, ${model}`, left: GAP, top: top + height + 22 })
    top += height + TEXT_HEIGHT + GAP
  }
  const sheet = await drawSheet({ width: leftOf(COLUMNS.length), height: top, panels, labels })
  await sheet.png().toFile(outputFile)
}

function leftOf(column: number): number {
  return GAP + column * (COLUMN_WIDTH + GAP)
}
