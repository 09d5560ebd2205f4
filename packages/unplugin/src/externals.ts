type Test = string | RegExp
type TestFunction = (
  id: string,
  parentId: string | undefined,
  isResolved: boolean,
) => boolean | null | undefined

/** What Rollup and Rolldown accept as `external`. */
export type External = boolean | Test | Test[] | TestFunction

/**
 * Keeps finished pictures out of `external`: they lie in `node_modules`, and a library build that leaves
 * `/node_modules/` out would ship an import of its cache instead of the picture.
 *
 * @param isOurs whether an id is a finished picture's.
 */
export function sparePictures(external: External, isOurs: (id: string) => boolean): TestFunction {
  return (id, parentId, isResolved) => !isOurs(id) && matches(external, id, parentId, isResolved)
}

function matches(external: External, id: string, parentId: string | undefined, isResolved: boolean): boolean {
  if (typeof external === 'boolean') return external
  if (typeof external === 'function') return Boolean(external(id, parentId, isResolved))
  return [external].flat().some(test => (typeof test === 'string' ? test === id : new RegExp(test).test(id)))
}
