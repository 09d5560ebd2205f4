import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Folders of a user's files of each kind, by system. */
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
 * Returns the absolute path of nobg's folder for data (weights, files of a server) or caches in the user's home; creates
 * nothing. A user without a home, such as an arbitrary user id in a container, gets a folder in the temporary folder.
 *
 * The package env-paths is no alternative: its import throws if there is no home.
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

/** Returns the user's home; undefined if neither the environment nor the list of users has one. */
export function findHome(): string | undefined {
  try {
    return homedir() || undefined
  } catch {
    return undefined
  }
}

/** Distinguishes the folders of several users in one temporary folder. */
function findUserId(): string | number {
  try {
    return process.getuid?.() ?? userInfo().username
  } catch {
    return 'user'
  }
}
