import type { ViteDevServer } from 'vite'
import type { PlannedCutout } from '../core/cutouts.ts'
import { LOADED_EVENT, OPENED_EVENT, RENEWED_EVENT } from './page-client.ts'
import type { PluginState } from './state.ts'

/** The clocks of page and server are compared through a message, which takes time. */
const MESSAGE_MS = 5000

/** Records that a page got another picture at this address. */
export function recordStandIn(state: PluginState, url: string, { file }: PlannedCutout): void {
  state.standIns.set(stripTime(url), { file, answeredAt: performance.now(), isRenewed: false })
}

/** Whether a page shows another picture in place of this one. */
export function hasStandIns({ standIns }: PluginState, { file }: PlannedCutout): boolean {
  return [...standIns.values()].some(standIn => standIn.file === file && !standIn.isRenewed)
}

/** Lets all pages request a picture's addresses again, without a reload of the page. */
export function renewPictures({ server, standIns }: PluginState, { file }: PlannedCutout): void {
  const renewed = [...standIns].filter(([, standIn]) => standIn.file === file && !standIn.isRenewed)
  for (const [, standIn] of renewed) standIn.isRenewed = true
  const urls = renewed.map(([url]) => url)
  if (urls.length > 0) server?.ws.send({ type: 'custom', event: RENEWED_EVENT, data: { urls } })
}

/** Listens to pages: repeats the events that a page missed before it connected, and notes when a page has its modules. */
export function listenToPages({ standIns, traffic }: PluginState, server: ViteDevServer): void {
  server.ws.on(LOADED_EVENT, () => {
    traffic.loadedAt = performance.now()
  })
  server.ws.on(OPENED_EVENT, ({ ageMs }: { ageMs: number }, client) => {
    const openedAt = performance.now() - ageMs - MESSAGE_MS
    const missed = [...standIns].filter(
      ([, { isRenewed, answeredAt }]) => isRenewed && answeredAt >= openedAt,
    )
    if (missed.length > 0) client.send(RENEWED_EVENT, { urls: missed.map(([url]) => url) })
  })
}

/** A request's URL without the word that {@link RENEWED_EVENT} and Vite add to request a file again. */
export function stripTime(url: string): string {
  return url.replace(/([?&])t=\d+(&|$)/, (_, start: string, end: string) => (end ? start : ''))
}
