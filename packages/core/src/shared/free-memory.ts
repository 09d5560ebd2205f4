import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

/** The files in which Linux lists the limits of a process. */
interface LimitFiles {
  /** The list of a process's control groups, `/proc/self/cgroup`. */
  membership: string
  /** Where control groups are mounted, `/sys/fs/cgroup`. */
  mount: string
}

const linux: LimitFiles = { membership: '/proc/self/cgroup', mount: '/sys/fs/cgroup' }

/** File names of the two versions of control groups. */
const dialects = [
  {
    limits: ['memory.max', 'memory.high'],
    usage: 'memory.current',
    fileCache: /^(?:inactive|active)_file (\d+)$/gm,
  },
  {
    limits: ['memory.limit_in_bytes'],
    usage: 'memory.usage_in_bytes',
    fileCache: /^total_(?:inactive|active)_file (\d+)$/gm,
  },
]

/**
 * Memory that may still be taken, in bytes, before this machine or the container around this process is short of it.
 *
 * Outside of Linux the whole memory of the machine counts: the systems there make room by compressing and swapping, and
 * what they call free is not what a program can have.
 */
export function readFreeMemory(): number {
  if (process.platform !== 'linux') return totalmem()
  // On Linux this is MemAvailable: free memory, and memory of caches that the system can free.
  return Math.min(freemem(), readGroupMemory())
}

/**
 * Returns the least free memory of all control groups (version 1, 2, or both) of this process, in bytes. The page cache counts
 * as free. Infinity if there is no limit, or if no limit can be read.
 *
 * Node's own `process.availableMemory` counts the page cache as used: it returned 0 after reading a file of 600 MB in a group
 * of 1.5 GB. In version 1 it ignores the limits of parent groups.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
export function readGroupMemory({ membership, mount }: LimitFiles = linux): number {
  const lines = (readText(membership) ?? '').trim().split('\n')
  // `0::/a/b` of version 2, `4:memory:/a/b` of version 1, which may share the line with other controllers.
  const groups = lines.flatMap(line => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === '') return [{ root: mount, path }]
    return controllers.split(',').includes('memory') ? [{ root: join(mount, 'memory'), path }] : []
  })
  return Math.min(Number.POSITIVE_INFINITY, ...groups.flatMap(listAncestors).map(readGroup))
}

/** A group's folder and all above it. In a container the path may be the host's, of which only the root exists. */
function listAncestors({ root, path }: { root: string; path: string }): string[] {
  const folders = [root]
  for (let at = join('/', path); at !== '/'; at = dirname(at)) folders.push(join(root, at))
  return folders
}

/** Free memory of one group, in bytes. */
function readGroup(folder: string): number {
  const left = dialects.flatMap(({ limits, usage, fileCache }) => {
    const used = readBytes(join(folder, usage)) ?? 0
    const cached = [...(readText(join(folder, 'memory.stat')) ?? '').matchAll(fileCache)]
    const reclaimable = cached.reduce((sum, [, bytes]) => sum + Number(bytes), 0)
    return limits
      .map(name => readBytes(join(folder, name)))
      .filter(limit => limit !== undefined)
      .map(limit => Math.max(0, limit - Math.max(0, used - reclaimable)))
  })
  return Math.min(Number.POSITIVE_INFINITY, ...left)
}

/** Reads the number in a file; undefined for `max`, and if the file is missing or unreadable. */
function readBytes(path: string): number | undefined {
  const text = readText(path)?.trim()
  return text && /^\d+$/.test(text) ? Number(text) : undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
