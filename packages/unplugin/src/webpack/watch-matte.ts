import { existsSync } from 'node:fs'
import type { LoaderContext } from 'webpack'

/** Makes a module depend on a matte, which may be created later. */
export function watchMatte(
  context: Pick<LoaderContext<unknown>, 'addDependency' | 'addMissingDependency'>,
  file: string,
): void {
  if (existsSync(file)) context.addDependency(file)
  else context.addMissingDependency(file)
}
