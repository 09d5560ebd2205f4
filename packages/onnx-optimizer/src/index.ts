export { OnnxOptimizerError, type OnnxOptimizerErrorCode } from './errors.ts'
export { widenFloat16 } from './float16.ts'
export { GRAPH_VERSION, type OptimizeResult, optimizeGraph } from './optimize.ts'
export type { OptimizeOptions } from './rewrite-model.ts'
