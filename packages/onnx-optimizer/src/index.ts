export { OnnxOptimizerError, type OnnxOptimizerErrorCode } from './errors.ts'
export { GRAPH_VERSION, type OptimizeOptions, type OptimizeResult, optimizeGraph } from './optimize.ts'
