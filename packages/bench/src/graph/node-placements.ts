import { type Column, layTable } from '../cells.ts'

/** The nodes of one execution provider. */
export interface Placement {
  /** Name that ONNX Runtime gives the provider, such as CPUExecutionProvider. */
  provider: string
  /** Number of nodes, copies between devices included. */
  nodes: number
  /** Number of nodes of each operator. Empty if one provider runs all nodes: ONNX Runtime then lists no node. */
  operators: ReadonlyMap<string, number>
}

/** Reads the placement of the nodes from ONNX Runtime's log of a session, written at the severity VERBOSE. */
export function parsePlacements(log: string): Placement[] {
  const placements: Placement[] = []
  let operators = new Map<string, number>()
  for (const line of log.split('\n')) {
    const head = /(?:Node\(s\)|nodes) placed on \[(\w+)\]\. Number of nodes: (\d+)/.exec(line)
    if (head) {
      operators = new Map()
      placements.push({ provider: head[1], nodes: Number(head[2]), operators })
      continue
    }
    const operator = /VerifyEachNodeIsAssignedToAnEp\]\s+(\w+) \(/.exec(line)?.[1]
    if (operator) operators.set(operator, (operators.get(operator) ?? 0) + 1)
  }
  return placements
}

/** Formats the placements as a Markdown table, with the most frequent operators first. */
export function describePlacements(placements: readonly Placement[]): string {
  const columns: readonly Column<Placement>[] = [
    ['provider', ({ provider }) => provider],
    ['operators', ({ operators }) => listOperators(operators)],
    ['nodes', ({ nodes }) => String(nodes)],
  ]
  return layTable(columns, placements, 2)
}

function listOperators(operators: ReadonlyMap<string, number>): string {
  const sorted = [...operators].sort(([, a], [, b]) => b - a)
  return sorted.map(([operator, count]) => `${count} ${operator}`).join(', ') || 'all'
}
