import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Where the user's own files of a kind lie on each system. */
const places = {
  data: {
    variable: 'XDG_DATA_HOME',
    linux: ['.local', 'share', 'nobg'],
    darwin: ['Library', 'Application Support', 'nobg'],
    win32: ['nobg', 'Data'],
  },
  cache: {
    variable: 'XDG_CACHE_HOME',
    linux: ['.cache', 'nobg'],
    darwin: ['Library', 'Caches', 'nobg'],
    win32: ['nobg', 'Cache'],
  },
} as const

/**
 * nobg's folder in the user's home for data (weights, a server's files) or for caches, as an absolute path; nothing is
 * made. A user without a home, as containers have that run under any user id, gets a folder in the temporary one.
 *
 * Not by the package env-paths: it asks for the home when it is imported, and throws where there is none.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function userDir(kind: keyof typeof places, env: NodeJS.ProcessEnv = process.env): string {
  const { variable, linux, darwin, win32 } = places[kind]
  const home = findHome()
  const fallback = join(tmpdir(), `nobg-${findUserId()}`)
  if (process.platform === 'win32') {
    const local = env.LOCALAPPDATA || (home && join(home, 'AppData', 'Local'))
    return local ? join(local, ...win32) : join(fallback, kind)
  }
  if (process.platform === 'darwin') return home ? join(home, ...darwin) : join(fallback, kind)
  const base = env[variable]
  if (base) return join(base, 'nobg')
  return home ? join(home, ...linux) : join(fallback, kind)
}

/** The user's home; undefined where neither the environment nor the list of users names one. */
export function findHome(): string | undefined {
  try {
    return homedir() || undefined
  } catch {
    return undefined
  }
}

/** Keeps apart the folders of several users in one temporary folder. */
function findUserId(): string | number {
  try {
    return process.getuid?.() ?? userInfo().username
  } catch {
    return 'user'
  }
}
