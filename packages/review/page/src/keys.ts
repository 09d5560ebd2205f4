import type { Stroke } from './brush.ts'
import { choose, find, readChoice } from './find.ts'
import type { Point, Stage } from './stage.ts'

/** What the keys on the stage do. */
interface Actions {
  /** Starts a stroke; `undefined` if no brush is chosen. */
  startStroke(): Stroke | undefined
  endStroke(stroke: Stroke): void
  hover(at: Point | undefined, pressure: number): void
  /** Radius of the chosen brush, px of the layers; `undefined`: no brush is chosen. */
  readRadius(): number | undefined
  /** Where the keyboard's brush starts. */
  readCenter(): Point
}

const ARROWS: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** px of the screen. */
const PAN_STEP = 40

/** Connects the keys. Keys without Ctrl work while the stage has the focus. */
export function connectKeys(stage: Stage, actions: Actions): void {
  let at: Point | undefined
  let stroke: Stroke | undefined

  const letters: Record<string, () => void> = {
    e: () => choose('tool', 'erase'),
    r: () => choose('tool', 'restore'),
    m: () => choose('tool', 'move'),
    s: chooseNextSnap,
    '[': () => slide('size', 0.8),
    ']': () => slide('size', 1.25),
    '{': () => slide('hardness', 1, -10),
    '}': () => slide('hardness', 1, 10),
    '+': () => stage.zoom(1.25),
    '=': () => stage.zoom(1.25),
    '-': () => stage.zoom(0.8),
    '0': () => stage.fitAgain(),
    '1': () => stage.showPixels(),
  }

  function moveBrush([x, y]: [number, number], isFine: boolean): void {
    const radius = actions.readRadius()
    if (radius === undefined) {
      stage.pan(-x * PAN_STEP, -y * PAN_STEP)
      return
    }
    const step = isFine ? 1 : Math.max(1, radius / 2)
    const from = at ?? actions.readCenter()
    at = { x: from.x + x * step, y: from.y + y * step }
    actions.hover(at, 1)
    stroke?.paintTo(at.x, at.y)
  }

  function press(): void {
    if (stroke) return
    stroke = actions.startStroke()
    at ??= actions.readCenter()
    stroke?.paintTo(at.x, at.y)
    actions.hover(at, 1)
  }

  function release(): void {
    if (stroke) actions.endStroke(stroke)
    stroke = undefined
  }

  stage.element.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const letter = letters[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (event.key in ARROWS) moveBrush(ARROWS[event.key], event.shiftKey)
    else if (event.key === ' ') press()
    else if (letter) letter()
    else return
    event.preventDefault()
  })
  stage.element.addEventListener('keyup', event => {
    if (event.key === ' ') release()
  })
  stage.element.addEventListener('blur', release)
  // The keyboard's brush continues where the pointer was.
  stage.element.addEventListener('pointermove', event => {
    at = stage.locate(event)
  })

  document.addEventListener('keydown', event => {
    if (!(event.ctrlKey || event.metaKey) || find('detail').hidden) return
    const key = event.key.toLowerCase()
    const action = key === 'y' || (key === 'z' && event.shiftKey) ? 'redo' : key === 'z' ? 'undo' : undefined
    if (!action || (event.target as HTMLElement).closest('input[type="search"]')) return
    event.preventDefault()
    find(action).click()
  })
}

function chooseNextSnap(): void {
  const values = ['edges', 'hairs', 'nothing']
  choose('snap', values[(values.indexOf(readChoice('snap')) + 1) % values.length])
}

/** Changes a slider: multiplies, then adds. */
function slide(id: string, factor: number, addend = 0): void {
  const slider = find<HTMLInputElement>(id)
  const wanted = slider.valueAsNumber * factor + addend
  slider.valueAsNumber = factor > 1 ? Math.ceil(wanted) : Math.floor(wanted)
  slider.dispatchEvent(new Event('input', { bubbles: true }))
}
