export type { ServerConfig, WorkerConfig } from './config.ts'
export { createServer, type NobgServer } from './server.ts'
export { createWorker, type NobgWorker } from './worker.ts'
