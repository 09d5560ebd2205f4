import { type Renewable, renewImporters } from './hot.ts'
import type { Environment, PluginState } from './state.ts'

/** Records that a file is, or would be, the matte of a photograph. */
export function recordMatte({ photographs }: PluginState, matte: string, source: string): void {
  const known = photographs.get(matte)
  if (known) known.add(source)
  else photographs.set(matte, new Set([source]))
}

/**
 * The files whose pictures change with a file: the file itself and, if the file is a matte, its photographs. A matte that
 * this server keeps changes no picture.
 */
export function findChanged({ photographs, cutouts }: PluginState, file: string): string[] {
  return cutouts.isOwnWrite(file) ? [file] : [file, ...(photographs.get(file) ?? [])]
}

/** As `renewImporters`, for a photograph or a matte. */
export function renewChanged<Module extends Renewable<Module>>(
  state: PluginState,
  environment: Environment<Module>,
  file: string,
  modules: Module[],
): Module[] | undefined {
  let renewed: Module[] | undefined
  for (const changed of findChanged(state, file))
    renewed = renewImporters(state, environment, changed, renewed ?? modules) ?? renewed
  return renewed
}
