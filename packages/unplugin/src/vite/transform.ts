import { IMPORTING_TEXT } from '../partials.ts'
import { MARKED_TEXT } from '../reference.ts'
import { isStyleSheet, transformCss } from './css.ts'
import type { Door, HookContext, Transformed } from './door.ts'
import { checkPartials } from './guard.ts'
import { isScript, transformNewUrls } from './new-url.ts'

/** What the `transform` hook wants to see. */
export const TRANSFORMED_TEXT: RegExp = new RegExp(`${MARKED_TEXT.source}|${IMPORTING_TEXT.source}`)

/** The `transform` hook: references that Vite resolves on its own are rewritten before it sees them. */
export async function transformModule(
  door: Door,
  context: HookContext,
  code: string,
  id: string,
): Promise<Transformed | undefined> {
  const styleSheet = isStyleSheet(id)
  if (styleSheet && IMPORTING_TEXT.test(code)) await checkPartials(door, context, code, id)
  if (!MARKED_TEXT.test(code)) return undefined
  if (styleSheet) return transformCss(door, context, code, id)
  if (isScript(id) && code.includes('import.meta.url')) return transformNewUrls(door, context, code, id)
  return undefined
}
