import { existsSync } from 'node:fs'
import type { LoaderContext } from 'webpack'
import type { PlannedCutout } from '../core/cutouts.ts'
import { findWrongMatte } from '../core/matte-files.ts'

type Watcher = Pick<LoaderContext<unknown>, 'addDependency' | 'addMissingDependency'>

/** Makes a module depend on a matte, which may be created later. */
export function watchMatte(context: Watcher, file: string): void {
  if (existsSync(file)) context.addDependency(file)
  else context.addMissingDependency(file)
}

/**
 * Plans a picture and makes it, and makes the module depend on the picture's kept matte, also if that matte is wrong: the
 * module is built again when it is fixed.
 */
export async function watchKeptMatte(
  context: Watcher,
  plan: () => Promise<PlannedCutout>,
  make: (planned: PlannedCutout) => Promise<unknown>,
): Promise<PlannedCutout> {
  let matte: string | undefined
  try {
    const planned = await plan()
    matte = planned.keptMatte
    await make(planned)
    return planned
  } catch (error) {
    matte ??= findWrongMatte(error)
    throw error
  } finally {
    // Now the predicted matte is kept: as a missing file it would start another compilation.
    if (matte) watchMatte(context, matte)
  }
}
