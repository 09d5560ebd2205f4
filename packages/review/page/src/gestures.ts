import type { Stroke } from './brush.ts'
import type { Point, Stage } from './stage.ts'

/** What the gestures on the stage do. */
interface Actions {
  /** Starts a stroke; `undefined` if no brush is chosen. */
  startStroke(): Stroke | undefined
  /** Called after a stroke that was not canceled. */
  endStroke(stroke: Stroke): void
  /** Shows where the brush is; `undefined`: nowhere. */
  hover(at: Point | undefined, pressure: number): void
}

/** A pen's lightest touch paints with this share of the radius. */
const LEAST_PRESSURE = 0.25

/**
 * Connects mouse, pen and touch with the stage. One pointer paints, or moves the picture if no brush is chosen; two fingers
 * move and zoom; the wheel zooms; the middle button moves.
 */
export function connectPointers(stage: Stage, { startStroke, endStroke, hover }: Actions): void {
  const { element } = stage
  const pointers = new Map<number, PointerEvent>()
  let stroke: Stroke | undefined
  let isMoving = false

  element.addEventListener('pointerdown', event => {
    if (event.button > 1) return
    event.preventDefault()
    element.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    pointers.set(event.pointerId, event)
    if (pointers.size > 1) {
      // The first finger of two has begun a stroke.
      stroke?.cancel()
      stroke = undefined
      isMoving = true
      return
    }
    stroke = event.button === 0 ? startStroke() : undefined
    isMoving = !stroke
    if (stroke) paint(event)
  })

  element.addEventListener('pointermove', event => {
    hover(stage.locate(event), readPressure(event))
    const before = pointers.get(event.pointerId)
    if (!before) return
    if (stroke) for (const part of listParts(event)) paint(part)
    else if (isMoving) move(before, event)
    pointers.set(event.pointerId, event)
  })

  for (const type of ['pointerup', 'pointercancel'] as const) {
    element.addEventListener(type, event => {
      if (!pointers.delete(event.pointerId) || pointers.size > 0) return
      if (stroke && type === 'pointerup') endStroke(stroke)
      else stroke?.cancel()
      stroke = undefined
      isMoving = false
      if (event.pointerType === 'touch') hover(undefined, 1)
    })
  }
  element.addEventListener('pointerleave', () => hover(undefined, 1))

  element.addEventListener(
    'wheel',
    event => {
      event.preventDefault()
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1
      stage.zoom(Math.exp(-event.deltaY * lines * 0.002), stage.locate(event))
    },
    { passive: false },
  )

  function paint(event: PointerEvent): void {
    const { x, y } = stage.locate(event)
    stroke?.paintTo(x, y, readPressure(event))
  }

  function move(before: PointerEvent, event: PointerEvent): void {
    const others = [...pointers.values()].filter(({ pointerId }) => pointerId !== event.pointerId)
    const [other] = others
    stage.pan(
      (event.clientX - before.clientX) / (others.length + 1),
      (event.clientY - before.clientY) / (others.length + 1),
    )
    if (!other) return
    const distance = (one: PointerEvent) =>
      Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)
    const middle = {
      clientX: (event.clientX + other.clientX) / 2,
      clientY: (event.clientY + other.clientY) / 2,
    }
    stage.zoom(distance(event) / Math.max(1, distance(before)), stage.locate(middle))
  }
}

/** All positions since the last event, if the browser has them. */
function listParts(event: PointerEvent): PointerEvent[] {
  const parts = event.getCoalescedEvents?.() ?? []
  return parts.length > 0 ? parts : [event]
}

function readPressure({ pointerType, pressure }: PointerEvent): number {
  return pointerType === 'pen' && pressure > 0 ? LEAST_PRESSURE + (1 - LEAST_PRESSURE) * pressure : 1
}
