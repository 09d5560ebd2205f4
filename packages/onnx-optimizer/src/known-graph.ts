import { indexReaders } from './find-sites.ts'
import { inferLayouts } from './infer-layouts.ts'
import type { Layout } from './layout.ts'
import { ConvReader } from './read-conv.ts'
import type { OnnxGraph } from './read-model.ts'
import type { GraphNode } from './read-node.ts'
import { indexValues } from './values.ts'

/** What is known of a graph. */
export interface KnownGraph {
  reader: ConvReader
  /** Returns what is known of a value. */
  find: (name: string) => Layout | undefined
  /** Place of each node in the file. */
  order: Map<GraphNode, number>
}

/** Finds writers, readers and shapes of values. @throws {Refusal} as `indexValues` */
export function learnGraph(graph: OnnxGraph): KnownGraph {
  const values = indexValues(graph)
  return {
    reader: new ConvReader(graph, values, indexReaders(graph.nodes)),
    find: inferLayouts(graph, values),
    order: new Map(graph.nodes.map((node, index) => [node, index])),
  }
}
