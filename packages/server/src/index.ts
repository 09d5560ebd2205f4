export type { ServerConfig } from './config.ts'
export { createServer, type NobgServer } from './server.ts'
