/// <reference lib="dom" />
import type { TransformResult } from 'vite'

/** Sent to pages: `{ urls: string[] }`, addresses on this server whose picture has changed. */
export const RENEWED_EVENT = 'nobg:renewed'
/** Sent by a page that has connected: `{ ageMs: number }`, the time since it was opened. */
export const OPENED_EVENT = 'nobg:opened'
/** Sent by a page that is parsed and has run its modules: `{ ageMs: number }`. */
export const LOADED_EVENT = 'nobg:loaded'

/** The module of Vite's client, which is part of every page of every host. The package may have another name (rolldown-vite). */
export const VITE_CLIENT: RegExp = /\/dist\/client\/client\.mjs(?:\?|$)/

/** Adds nobg's client to Vite's client. @returns undefined for another module */
export function extendClient(code: string): Pick<TransformResult, 'code' | 'map'> | undefined {
  if (!/\bcreateHotContext\b/.test(code)) return undefined
  const events = JSON.stringify([RENEWED_EVENT, OPENED_EVENT, LOADED_EVENT])
  return { code: `${code}\n;(${renewInPage})(createHotContext('/@nobg'), ...${events});`, map: null }
}

/** The part of `import.meta.hot` that the client uses. */
interface Hot {
  on(event: string, listen: (data: { urls: string[] }) => void): void
  send(event: string, data: { ageMs: number }): void
}

/**
 * Runs in the page: requests renewed pictures again, by a word in their address, wherever the page shows them. Must not
 * refer to anything outside of the function.
 */
function renewInPage(hot: Hot, renewedEvent: string, openedEvent: string, loadedEvent: string): void {
  const ATTRIBUTES = ['src', 'srcset', 'poster', 'href', 'imagesrcset', 'style']
  /** Address without the word → value of the word. */
  const renewed = new Map<string, number>()

  hot.on(renewedEvent, ({ urls }) => {
    for (const url of urls) renewed.set(url, Date.now())
    renewTree(document)
  })
  const tell = (event: string) => hot.send(event, { ageMs: performance.now() })
  hot.on('vite:ws:connect', () => {
    tell(openedEvent)
    if (document.readyState === 'complete') tell(loadedEvent)
    else document.addEventListener('DOMContentLoaded', () => tell(loadedEvent))
  })
  hot.on('vite:afterUpdate', () => renewTree(document))
  // For a new element the browser may use the old picture, which it keeps in memory.
  const onLoad = ({ target }: Event) => target instanceof Element && renewElement(target)
  document.addEventListener('load', onLoad, true)

  function renewTree(root: Document | ShadowRoot): void {
    if (renewed.size === 0) return
    for (const element of root.querySelectorAll('*')) {
      renewElement(element)
      if (element.shadowRoot) renewTree(element.shadowRoot)
    }
    for (const sheet of [...root.styleSheets, ...root.adoptedStyleSheets]) {
      try {
        renewRules(sheet.cssRules)
      } catch {
        // The rules of another origin are not readable.
      }
    }
  }

  function renewElement(element: Element): void {
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name)
      const next = text && renewText(text)
      if (next && next !== text) element.setAttribute(name, next)
    }
  }

  function renewRules(rules: CSSRuleList): void {
    for (const rule of rules) {
      if ('cssRules' in rule) renewRules(rule.cssRules as CSSRuleList)
      if (!('style' in rule)) continue
      const style = rule.style as CSSStyleDeclaration
      for (const name of [...style]) {
        const text = style.getPropertyValue(name)
        const next = renewText(text)
        if (next !== text) style.setProperty(name, next, style.getPropertyPriority(name))
      }
    }
  }

  /** Replaces the addresses in an attribute, a `srcset` or a CSS value. */
  function renewText(text: string): string {
    if (renewed.size === 0 || text.startsWith('data:') || !/[./]/.test(text)) return text
    return text.replace(/[^\s"'()]+?(?=,?(?:[\s"')]|$))/g, renewUrl)
  }

  function renewUrl(text: string): string {
    if (!URL.canParse(text, document.baseURI)) return text
    const { pathname, search } = new URL(text, document.baseURI)
    const words = search.slice(1).split('&')
    const others = words.filter(word => word !== '' && !/^t=\d+$/.test(word))
    const time = renewed.get(pathname + (others.length > 0 ? `?${others.join('&')}` : ''))
    if (time === undefined) return text
    const [, path, hash] = /^([^?#]*)[^#]*(.*)$/s.exec(text) as RegExpExecArray
    return `${path}?${[...others, `t=${time}`].join('&')}${hash}`
  }
}
