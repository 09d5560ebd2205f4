type Test = string | RegExp
type TestFunction = (
  id: string,
  parentId: string | undefined,
  isResolved: boolean,
) => boolean | null | undefined

/** What Rollup and Rolldown accept as `external`. */
export type External = boolean | Test | Test[] | TestFunction

/**
 * Keeps pictures out of `external`: a library build that leaves a package out would ship an import of the package's
 * photograph instead of the finished picture.
 *
 * @param isOurs whether a specifier or an id is a marked reference or a finished picture.
 */
export function excludePictures(external: External, isOurs: (id: string) => boolean): TestFunction {
  return (id, parentId, isResolved) => !isOurs(id) && matches(external, id, parentId, isResolved)
}

function matches(external: External, id: string, parentId: string | undefined, isResolved: boolean): boolean {
  if (typeof external === 'boolean') return external
  if (typeof external === 'function') return Boolean(external(id, parentId, isResolved))
  return [external].flat().some(test => (typeof test === 'string' ? test === id : new RegExp(test).test(id)))
}
