/** Time that a card stays in view before its preview is requested, ms: a card that is scrolled past needs no preview. */
const SETTLE_MS = 120

/** Distance from the window at which a card counts as in view, px. */
const MARGIN_PX = 300

/** URLs of the previews of all cards. */
const urls = new WeakMap<Element, string>()
const inView = new Set<Element>()

const observer = new IntersectionObserver(noteChanges, { rootMargin: `${MARGIN_PX}px 0px` })

/**
 * Loads the preview of a card when the card is in view, and cancels the request when the card has left the view. So a list of
 * hundreds of pictures never waits for the previews of cards that nobody sees.
 *
 * @param card a permanent element of the list
 * @param url `undefined`: there is no preview yet
 */
export function setPreview(card: Element, url: string | undefined): void {
  if (url === undefined) urls.delete(card)
  else urls.set(card, url)
  if (inView.has(card)) load(card)
  else observer.observe(card)
}

function noteChanges(changes: IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting) {
      inView.add(target)
      setTimeout(() => inView.has(target) && load(target), SETTLE_MS)
    } else {
      inView.delete(target)
      cancel(target)
    }
  }
}

function load(card: Element): void {
  const [image, url] = [card.querySelector('img'), urls.get(card)]
  if (image && url !== undefined && image.getAttribute('src') !== url) image.src = url
}

function cancel(card: Element): void {
  const image = card.querySelector('img')
  if (image && !image.complete) image.removeAttribute('src')
}
