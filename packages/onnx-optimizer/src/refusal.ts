/**
 * Why a graph stays as it is. Thrown wherever reading or matching meets what it does not know, caught in `optimizeGraph`,
 * which hands the reason on; it never leaves this folder.
 */
export class Refusal extends Error {}

/** Gives the graph up. @param reason a clause for people that names the node, without a full stop. */
export function refuse(reason: string): never {
  throw new Refusal(reason)
}
