/**
 * The reason why a graph stays as it is. Reading and matching throw it; `optimizeGraph` catches it and returns the reason.
 */
export class Refusal extends Error {}

/** Refuses the graph. @param reason a clause for messages that names the node, without a period */
export function refuse(reason: string): never {
  throw new Refusal(reason)
}
