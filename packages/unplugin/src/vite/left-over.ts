import type { Plugin, ResolvedConfig } from 'vite'
import type { PlannedCutout } from '../core/cutouts.ts'
import { reportLeftOverWords } from '../core/left-over-words.ts'
import type { PluginState } from './state.ts'

/** Vite's plugin that turns the id of an asset into its address, query included. */
const READER = 'vite:asset'

/** Query words of Vite. */
const VITE_WORDS =
  'url raw inline no-inline import direct worker sharedworker init html-proxy commonjs-proxy used lang type src index vue'.split(
    ' ',
  )

/**
 * Inserts a `load` hook directly before Vite's for assets. Vite calls this hook if no plugin has loaded the picture, so that no
 * plugin has read the words in its query.
 *
 * @param readState returns the current state: Astro resolves several configs with one plugin, and each opens a state.
 */
export function insertLeftOverPlugin(config: ResolvedConfig, readState: () => PluginState): void {
  const plugins = config.plugins as Plugin[]
  const reader = plugins.findIndex(({ name }) => name === READER)
  plugins.splice(Math.max(0, reader), 0, {
    name: 'nobg:left-over-words',
    load: {
      filter: { id: /\.(?:png|webp|avif)\?/ },
      handler(id) {
        const state = readState()
        const planned = state.cutouts.find(id)
        if (planned) reportLeftOver(state, planned)
      },
    },
  })
}

/**
 * Reports the words of a picture's query that stay in its address.
 *
 * @throws {LocatedError}
 */
export function reportLeftOver({ config }: PluginState, planned: PlannedCutout): void {
  reportLeftOverWords(planned, message => config.logger.warnOnce(message), VITE_WORDS)
}
