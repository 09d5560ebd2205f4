import { create } from './find.ts'

/** One picture on the stage. */
export interface Pane {
  /** Empty: no caption. */
  label: string
  layer: HTMLCanvasElement
  /** Drawn on the left of the split. */
  splitLayer?: HTMLCanvasElement
  /** Whether the background shows through. */
  isTransparent: boolean
}

/** A point in px of the layers. */
export interface Point {
  x: number
  y: number
}

/** The pictures of the detail page, which share zoom and position. */
export interface Stage {
  readonly element: HTMLElement
  /** Shows panes of pictures of one size. Keeps zoom and position. */
  show(panes: readonly Pane[]): void
  /** Shows whole pictures of a new size. */
  fit(size: { width: number; height: number }): void
  fitAgain(): void
  /** Shows one pixel of the layers as one pixel of the screen. */
  showPixels(): void
  /** @param at the point of the layers that stays in its place. Default: the center. */
  zoom(factor: number, at?: Point): void
  /** @param x px of the screen. */
  pan(x: number, y: number): void
  /** px of the screen (CSS) per px of the layers. */
  readScale(): number
  /** The point of the layers under a pointer. */
  locate(event: { clientX: number; clientY: number }): Point
  /** Shows a circle at a point, px of the layers. */
  showBrush(brush: (Point & { radius: number }) | undefined): void
  setSplit(share: number): void
  /** @param color CSS color; `undefined`: checkerboard. */
  setBackdrop(color: string | undefined): void
  /** Draws the stage before the next frame. */
  draw(): void
}

/** px of the screen per px of the layers. */
const [MIN_SCALE, MAX_SCALE] = [0.02, 64]

/** @param onZoom called after zoom has changed. */
export function openStage(element: HTMLElement, onZoom: () => void): Stage {
  let panes: (Pane & { canvas: HTMLCanvasElement })[] = []
  let size = { width: 1, height: 1 }
  let center: Point = { x: 0.5, y: 0.5 }
  let scale = 1
  let isFitted = true
  let split = 0.5
  let backdrop: string | undefined
  let brush: (Point & { radius: number }) | undefined
  let isPlanned = false
  element.tabIndex = 0

  function draw(): void {
    if (isPlanned) return
    isPlanned = true
    requestAnimationFrame(() => {
      isPlanned = false
      for (const pane of panes) drawPane(pane)
    })
  }

  function drawPane({ canvas, layer, splitLayer, isTransparent }: (typeof panes)[number]): void {
    const density = devicePixelRatio
    const [width, height] = [canvas.clientWidth, canvas.clientHeight]
    // The page is hidden.
    if (width === 0 || height === 0) return
    canvas.width = Math.round(width * density)
    canvas.height = Math.round(height * density)
    const context = canvas.getContext('2d')!
    const left = width / 2 - center.x * scale
    const top = height / 2 - center.y * scale
    context.scale(density, density)
    context.imageSmoothingEnabled = scale * density < 3
    context.imageSmoothingQuality = 'high'
    const drawLayer = (picture: HTMLCanvasElement) =>
      context.drawImage(picture, left, top, size.width * scale, size.height * scale)
    if (isTransparent) {
      context.fillStyle = backdrop ?? createCheckerboard(context)
      context.fillRect(left, top, size.width * scale, size.height * scale)
    }
    drawLayer(layer)
    if (splitLayer) {
      context.save()
      context.beginPath()
      context.rect(0, 0, width * split, height)
      context.clip()
      drawLayer(splitLayer)
      context.restore()
      context.fillStyle = '#fff'
      context.fillRect(width * split - 1, 0, 2, height)
    }
    if (brush) drawBrush(context, left + brush.x * scale, top + brush.y * scale, brush.radius * scale)
  }

  function fitAgain(): void {
    const canvas = panes[0]?.canvas
    if (!canvas?.clientWidth) return
    isFitted = true
    center = { x: size.width / 2, y: size.height / 2 }
    scale = Math.min(canvas.clientWidth / size.width, canvas.clientHeight / size.height)
    draw()
    onZoom()
  }

  function setScale(wanted: number, at: Point): void {
    const next = Math.min(MAX_SCALE, Math.max(MIN_SCALE, wanted))
    center = { x: at.x + ((center.x - at.x) * scale) / next, y: at.y + ((center.y - at.y) * scale) / next }
    scale = next
    isFitted = false
    keepInside()
    onZoom()
    draw()
  }

  /** A part of the picture always stays in view. */
  function keepInside(): void {
    center.x = Math.min(size.width, Math.max(0, center.x))
    center.y = Math.min(size.height, Math.max(0, center.y))
  }

  new ResizeObserver(() => {
    if (isFitted) fitAgain()
    else draw()
  }).observe(element)

  return {
    element,
    draw,
    fitAgain,
    show(shown) {
      const figures = shown.map(pane => {
        const canvas = create('canvas')
        const figure = create('figure', 'pane', canvas)
        if (pane.label) figure.append(create('figcaption', '', pane.label))
        return { figure, pane: { ...pane, canvas } }
      })
      panes = figures.map(({ pane }) => pane)
      element.style.setProperty('--panes', String(panes.length))
      element.replaceChildren(...figures.map(({ figure }) => figure))
      if (isFitted) fitAgain()
      else draw()
    },
    fit(fitted) {
      size = fitted
      fitAgain()
    },
    showPixels: () => setScale(1 / devicePixelRatio, center),
    zoom: (factor, at = center) => setScale(scale * factor, at),
    pan(x, y) {
      center = { x: center.x - x / scale, y: center.y - y / scale }
      isFitted = false
      keepInside()
      draw()
    },
    readScale: () => scale,
    locate({ clientX, clientY }) {
      const boxes = panes.map(({ canvas }) => canvas.getBoundingClientRect())
      const isNear = ({ left, right, top, bottom }: DOMRect) =>
        clientX >= left && clientX < right && clientY >= top && clientY < bottom
      const box = boxes.find(isNear) ?? boxes[0] ?? element.getBoundingClientRect()
      return {
        x: center.x + (clientX - box.left - box.width / 2) / scale,
        y: center.y + (clientY - box.top - box.height / 2) / scale,
      }
    },
    showBrush(shown) {
      brush = shown
      draw()
    },
    setSplit(share) {
      split = share
      draw()
    },
    setBackdrop(color) {
      backdrop = color
      draw()
    },
  }
}

function drawBrush(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  for (const [color, width] of [
    ['#000c', 3],
    ['#fff', 1.5],
  ] as const) {
    context.beginPath()
    context.arc(x, y, Math.max(2, radius), 0, 2 * Math.PI)
    context.strokeStyle = color
    context.lineWidth = width
    context.stroke()
  }
}

/** Squares of 11 px, as the palette shows them. */
function createCheckerboard(context: CanvasRenderingContext2D): CanvasPattern {
  const side = 11
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
  const [one, other] = isDark ? ['#2b2b30', '#222226'] : ['#e6e2db', '#f7f5f1']
  const tile = create('canvas')
  tile.width = 2 * side
  tile.height = 2 * side
  const painter = tile.getContext('2d')!
  painter.fillStyle = one
  painter.fillRect(0, 0, 2 * side, 2 * side)
  painter.fillStyle = other
  painter.fillRect(0, 0, side, side)
  painter.fillRect(side, side, side, side)
  return context.createPattern(tile, 'repeat')!
}
