import { arch, cpus, platform } from 'node:os'

/** The date, the processors, the system and Node's version, as each page of figures has them. */
export function describeMachine(): string {
  const date = new Date().toISOString().slice(0, 10)
  return `${date}, ${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, Node ${process.versions.node}`
}
