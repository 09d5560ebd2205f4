/**
 * Prepares an entry for `require()`, which returns the export named `module.exports`. Only properties of that value are then
 * visible: `default` and the other exports become properties of the main export.
 *
 * @returns `main` itself, with the properties added.
 */
export function forCommonJs<Main extends object, Others extends object = object>(
  main: Main,
  others?: Others,
): Main & Others & { default: Main } {
  return Object.assign(main, { ...(others as Others), default: main })
}
