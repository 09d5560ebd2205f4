/** @returns the element with an id */
export function find<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind
}
