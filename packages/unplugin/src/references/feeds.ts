import { Tokenizer } from 'parse5'

/**
 * Reads the HTML of a feed: RSS, Atom, or other XML. A feed contains HTML as elements, as escaped text, or in CDATA sections.
 *
 * @returns the feed itself, and its texts without one level of escapes.
 */
export function readFeed(xml: string): string[] {
  const texts: string[] = []
  let text = ''
  const add = ({ chars }: { chars: string }) => {
    text += chars
  }
  const end = () => {
    if (text.trim() !== '') texts.push(text)
    text = ''
  }
  const ignore = () => {}
  const tokenizer = new Tokenizer(
    {},
    {
      onCharacter: add,
      onWhitespaceCharacter: add,
      onNullCharacter: add,
      onStartTag: end,
      onEndTag: end,
      onEof: end,
      onComment: ignore,
      onDoctype: ignore,
    },
  )
  // HTML has CDATA sections only in SVG and MathML.
  tokenizer.inForeignNode = true
  tokenizer.write(xml, true)
  return [xml, ...texts]
}
