type Test = string | RegExp
type TestFunction = (
  id: string,
  parentId: string | undefined,
  isResolved: boolean,
) => boolean | null | undefined

/** The option `external` of Rollup and Rolldown. */
export type External = boolean | Test | Test[] | TestFunction

/**
 * Excludes pictures from `external`. Otherwise a library build that excludes a package would ship an import of the
 * package's photograph instead of the finished picture.
 *
 * @param isPicture whether a specifier or an id is a marked reference or a finished picture.
 */
export function excludePictures(external: External, isPicture: (id: string) => boolean): TestFunction {
  return (id, parentId, isResolved) => !isPicture(id) && matches(external, id, parentId, isResolved)
}

function matches(external: External, id: string, parentId: string | undefined, isResolved: boolean): boolean {
  if (typeof external === 'boolean') return external
  if (typeof external === 'function') return Boolean(external(id, parentId, isResolved))
  return [external].flat().some(test => (typeof test === 'string' ? test === id : new RegExp(test).test(id)))
}
