import type { PluginState } from './state.ts'

/**
 * Lets a development server's terminal show an error of nobg once. Vite reports an error again for every importer of the
 * failed module, in every environment, and after every reload.
 */
export function hideRepeatedErrors(state: PluginState): void {
  const { logger } = state.config
  const show = logger.error
  logger.error = (text, options) => {
    const message = options?.error?.message
    if (message?.includes('nobg: ') && !state.isClosed) {
      if (state.shownErrors.has(message)) return
      state.shownErrors.add(message)
    }
    show.call(logger, text, options)
  }
}

/** Lets the terminal show the errors about a file again. The message of an error names its photograph and its importer. */
export function forgetErrors({ shownErrors }: PluginState, file: string): void {
  for (const message of shownErrors) if (message.includes(file)) shownErrors.delete(message)
}
