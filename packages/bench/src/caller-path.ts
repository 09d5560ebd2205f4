import { resolve } from 'node:path'

/** Resolves a path of the command line. pnpm runs scripts in the package's folder, but a relative path starts at the caller's folder. */
export function resolveCallerPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path)
}
