import '@nobg/core/check-node'

export { type ContactRow, drawContactSheet } from './contact-sheet.ts'
export { drawSheet, type Label, type Panel, type Sheet } from './draw-sheet.ts'
