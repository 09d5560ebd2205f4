import type { Change } from './brush.ts'
import type { Layers } from './layers.ts'

/** Memory of changes that can be undone, bytes. */
const MAX_BYTES = 128e6

/** The changes of one matte since it was loaded. */
export interface History {
  add(change: Change): void
  undo(): void
  redo(): void
  canUndo(): boolean
  canRedo(): boolean
  /** Whether the matte differs from the saved one. */
  isDirty(): boolean
}

/** @param onChange called after each change. */
export function createHistory(layers: Layers, onChange: () => void): History {
  let changes: Change[] = []
  /** Number of changes that are applied. */
  let done = 0

  function write({ box }: Change, levels: Uint8ClampedArray): void {
    const width = box.right - box.left
    for (let y = box.top, from = 0; y < box.bottom; y++, from += width) {
      layers.alpha.set(levels.subarray(from, from + width), y * layers.width + box.left)
    }
    layers.repaint(box)
    onChange()
  }

  return {
    add(change) {
      changes = [...changes.slice(0, done), change]
      const sizeOf = (list: Change[]) => list.reduce((sum, { before }) => sum + 2 * before.length, 0)
      while (changes.length > 1 && sizeOf(changes) > MAX_BYTES) changes.shift()
      done = changes.length
      onChange()
    },
    undo() {
      if (done === 0) return
      done -= 1
      write(changes[done], changes[done].before)
    },
    redo() {
      if (done === changes.length) return
      write(changes[done], changes[done].after)
      done += 1
      onChange()
    },
    canUndo: () => done > 0,
    canRedo: () => done < changes.length,
    isDirty: () => done > 0,
  }
}
