/** @returns the element with an id */
export function find<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}

/** Creates an element with a class and children; text becomes text nodes. */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

/** The value of the checked radio button of a group. */
export function readChoice(name: string): string {
  return document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)?.value ?? ''
}

/** Checks a radio button of a group. @returns false if it is disabled. */
export function choose(name: string, value: string): boolean {
  const input = document.querySelector<HTMLInputElement>(`input[name="${name}"][value="${value}"]`)
  if (!input || input.disabled) return false
  input.checked = true
  input.dispatchEvent(new Event('change', { bubbles: true }))
  return true
}

/** Puts a number and its unit on one line: `13 %`. */
export function keepUnits(text: string): string {
  return text.replace(/(?<=\d) (?=%|px\b)/g, '\u00A0')
}
