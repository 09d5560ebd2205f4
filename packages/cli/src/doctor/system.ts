import { arch, availableParallelism, platform, totalmem } from 'node:os'
import { formatBytes, readFreeMemory } from '@nobg/core/internal'
import type { CheckResult } from './check-result.ts'

/** Free memory below which the embedded model may not fit, in bytes: its peak is 410 MB, and image work needs as much. */
const LEAST_MEMORY = 1e9

/** Node, the system, and its memory, with the limits of a container. */
export function checkSystem(): CheckResult[] {
  const system = [platform(), arch(), ...findLibc()].join('-')
  const memory = readFreeMemory()
  const isShort = memory < LEAST_MEMORY
  return [
    { check: 'node', status: 'ok', text: `Node ${process.version}`, data: { version: process.version } },
    {
      check: 'system',
      status: 'ok',
      text: `${system}, ${availableParallelism()} cores`,
      data: { system, cores: availableParallelism() },
    },
    {
      check: 'memory',
      status: isShort ? 'warn' : 'ok',
      text: `${formatBytes(memory)} free of ${formatBytes(totalmem())}`,
      ...(isShort && { hint: 'Give the machine or the container more memory: large models need 2 to 6 GB.' }),
      data: { freeBytes: memory, totalBytes: totalmem() },
    },
  ]
}

/** The C library, on Linux. */
function findLibc(): string[] {
  if (platform() !== 'linux') return []
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return [header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'musl']
}

const PROXY_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD/

/** The variables that nobg reads, without passwords. */
export function checkVariables(env: NodeJS.ProcessEnv): CheckResult[] {
  const isRead = (name: string) => name.startsWith('NOBG_') || PROXY_NAMES.includes(name.toUpperCase())
  const names = Object.keys(env)
    .filter(name => isRead(name) && env[name])
    .sort()
  const values = Object.fromEntries(names.map(name => [name, hideSecrets(name, env[name] ?? '')]))
  const text = names.map(name => `${name}=${values[name]}`).join(', ') || 'none set'
  return [{ check: 'variables', status: 'ok', text, data: values }]
}

function hideSecrets(name: string, value: string): string {
  return SECRET_NAME.test(name) ? '***' : value.replace(/\/\/[^/@]*@/g, '//***@')
}
