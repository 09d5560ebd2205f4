import { posix } from 'node:path'

const REPOSITORY = 'https://github.com/nobg/nobg'

/**
 * Rewrites the links of a page. Pages link to files, as the repository's host shows them. On the site, a link to another page
 * becomes the address of that page, and a link to another file of the repository becomes its address at the host.
 *
 * @param html the page
 * @param file its path, relative to `docs/`
 * @param base the path of the site, such as `/nobg`
 */
export function rewriteLinks(html: string, file: string, base: string): string {
  return html.replace(/(<a\b[^>]*?\bhref=")([^"]*)"/g, (whole, start, href) => {
    if (/^(?:[a-z]+:|#|\/)/.test(href)) return whole
    return `${start}${resolveLink(href, file, base)}"`
  })
}

function resolveLink(href: string, file: string, base: string): string {
  const [path, hash] = href.split('#')
  const fragment = hash === undefined ? '' : `#${hash}`
  const target = posix.join('docs', posix.dirname(file), path)
  const page = /^docs\/(?!src\/)(.*)\.md$/.exec(target)?.[1]
  if (page) return `${posix.join(base, page)}/${fragment}`
  const kind = posix.extname(target) ? 'blob' : 'tree'
  return `${REPOSITORY}/${kind}/main/${target}${fragment}`
}

/**
 * Rewrites `![](cat.jpg?nobg)` to Astro's spelling for content collections, `![](cat.nobg.jpg)`. The repository's host ignores the
 * query and shows the photograph.
 */
export function rewriteImages(text: string): string {
  return text.replace(
    /(!\[[^\]]*\]\()([^)\s]+?)(\.\w+)\?nobg(?:=([\w-]+))?\)/g,
    (_, start, path, extension, preset) => {
      return `${start}${path}.nobg${preset ? `-${preset}` : ''}${extension})`
    },
  )
}
