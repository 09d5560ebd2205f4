import type { ViteDevServer } from 'vite'
import { findHtmlRanges } from '../references/html.ts'
import type { PluginState } from './state.ts'

/**
 * Runs the code that a page waits for, after the server has started: the first run takes ten times as long as the next, and
 * people open the page later.
 */
export function warmUp({ cutouts }: PluginState, { httpServer }: ViteDevServer): void {
  httpServer?.once('listening', () =>
    setImmediate(() => {
      findHtmlRanges('<img src="./ada.jpg?nobg">')
      void cutouts.warmUp()
    }),
  )
}
