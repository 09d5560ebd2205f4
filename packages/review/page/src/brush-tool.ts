import { type Stroke, startStroke } from './brush.ts'
import { find, readChoice } from './find.ts'
import { connectPointers } from './gestures.ts'
import { createHistory, type History } from './history.ts'
import { connectKeys } from './keys.ts'
import type { Layers } from './layers.ts'
import type { Brush } from './snap-stroke.ts'
import type { Point, Stage } from './stage.ts'

/** What each choice of "Snap to" does. */
const SNAPS: Record<Brush['snap'], string> = {
  edges: 'The stroke ends at the edges of objects in the photograph.',
  hairs: 'The stroke follows the hair or whisker below it. Trace one at a time.',
  nothing: 'The whole stroke changes.',
}

const size = find<HTMLInputElement>('size')
const hardness = find<HTMLInputElement>('hardness')

/** The brush and the changes of the open picture. */
export interface BrushTool {
  /** Edits the layers of another picture. */
  edit(layers: Layers | undefined): void
  /** Replaces the whole matte, as a change that can be undone. */
  replaceMatte(levels: Uint8ClampedArray): void
  isDirty(): boolean
}

/** Connects the panel of the brush with the stage. @param onChange called after each change of the matte */
export function openBrushTool(stage: Stage, onChange: () => void): BrushTool {
  let layers: Layers | undefined
  let history: History | undefined

  const readBrush = (): Brush | undefined => {
    const mode = readChoice('tool')
    if (mode !== 'erase' && mode !== 'restore') return undefined
    return {
      mode,
      radius: size.valueAsNumber / 2,
      hardness: hardness.valueAsNumber / 100,
      snap: readChoice('snap') as Brush['snap'],
    }
  }

  function changed(): void {
    find<HTMLButtonElement>('undo').disabled = !history?.canUndo()
    find<HTMLButtonElement>('redo').disabled = !history?.canRedo()
    stage.draw()
    onChange()
  }

  const actions = {
    startStroke(): Stroke | undefined {
      const brush = readBrush()
      return brush && layers && startStroke(layers, brush, stage.draw)
    },
    endStroke(stroke: Stroke): void {
      const change = stroke.finish()
      if (change) history?.add(change)
    },
    hover(at: Point | undefined, pressure: number): void {
      const brush = readBrush()
      stage.showBrush(at && brush && { ...at, radius: brush.radius * pressure })
    },
    readRadius: () => readBrush()?.radius,
    readCenter: (): Point => ({ x: (layers?.width ?? 0) / 2, y: (layers?.height ?? 0) / 2 }),
  }

  function showValues(): void {
    find('size-text').textContent = `${size.value} px`
    find('hardness-text').textContent = `${hardness.value} %`
  }

  function showSnap(): void {
    find('snap-about').textContent = SNAPS[readChoice('snap') as Brush['snap']]
  }

  function showTool(): void {
    stage.element.dataset.tool = readChoice('tool')
    stage.showBrush(undefined)
  }

  connectPointers(stage, actions)
  connectKeys(stage, actions)
  for (const slider of [size, hardness]) slider.addEventListener('input', showValues)
  find('tools').addEventListener('change', showTool)
  find('snaps').addEventListener('change', showSnap)
  find('undo').addEventListener('click', () => history?.undo())
  find('redo').addEventListener('click', () => history?.redo())
  showTool()
  showSnap()

  return {
    edit(edited) {
      layers = edited
      history = edited && createHistory(edited, changed)
      if (edited) {
        const side = Math.max(edited.width, edited.height)
        size.max = String(Math.max(20, Math.round(side / 4)))
        size.valueAsNumber = Math.max(4, Math.round(side / 20))
      }
      showValues()
      changed()
    },
    replaceMatte(levels) {
      if (!layers || !history) return
      const box = { left: 0, top: 0, right: layers.width, bottom: layers.height }
      const before = layers.alpha.slice()
      layers.alpha.set(levels)
      layers.repaint(box)
      history.add({ box, before, after: levels })
    },
    isDirty: () => history?.isDirty() ?? false,
  }
}
