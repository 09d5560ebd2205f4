import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readFreeMemory, readGroupMemory } from '../../src/shared/free-memory.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-cgroup-'))
})

afterEach(() => rm(dir, { recursive: true, force: true }))

const stat = 'anon 700\nfile 250\ninactive_file 150\nactive_file 50\ntotal_anon 1\n'
const oldStat = 'cache 9\ninactive_file 9\ntotal_inactive_file 150\ntotal_active_file 50\n'
const unlimited = '9223372036854771712\n'
const both = '4:memory:/a/b\n1:name=systemd:/\n0::/\n'

test.each<[string, string | undefined, Record<string, string>, number]>([
  ['no groups', undefined, {}, Number.POSITIVE_INFINITY],
  ['no limits', '0::/a\n', { 'a/memory.max': 'max\n', 'a/memory.current': '5\n' }, Number.POSITIVE_INFINITY],
  ['version 2', '0::/\n', { 'memory.max': '1000\n', 'memory.current': '900\n', 'memory.stat': stat }, 300],
  ['without a stat', '0::/\n', { 'memory.max': '1000\n', 'memory.current': '900\n' }, 100],
  ['without a usage', '0::/\n', { 'memory.max': '1000\n' }, 1000],
  [
    'more cached than used',
    '0::/\n',
    { 'memory.max': '1000', 'memory.current': '90', 'memory.stat': stat },
    1000,
  ],
  ['over its limit', '0::/\n', { 'memory.max': '500\n', 'memory.current': '900\n' }, 0],
  [
    'high below max',
    '0::/\n',
    { 'memory.max': '1000\n', 'memory.high': '800', 'memory.current': '500\n' },
    300,
  ],
  [
    'the limit of a group further up',
    '0::/pod/box\n',
    {
      'pod/memory.max': '600',
      'pod/memory.current': '500',
      'pod/box/memory.max': '900',
      'pod/box/memory.current': '1',
    },
    100,
  ],
  ['a path of the host, seen from inside', '0::/../host/box\n', { 'memory.max': '1000\n' }, 1000],
  ['nonsense', '0::/\n', { 'memory.max': 'a lot\n' }, Number.POSITIVE_INFINITY],
  [
    'version 1',
    '4:cpu,memory:/a\n',
    {
      'memory/a/memory.limit_in_bytes': '1000\n',
      'memory/a/memory.usage_in_bytes': '900\n',
      'memory/a/memory.stat': oldStat,
    },
    300,
  ],
  ['version 1 without a limit', both, { 'memory/memory.limit_in_bytes': unlimited }, Number(unlimited)],
  [
    'version 1, the limit of a group further up',
    both,
    { 'memory/a/memory.limit_in_bytes': '700', 'memory/a/b/memory.limit_in_bytes': unlimited },
    700,
  ],
  ['version 1 in a container that sees its own root', both, { 'memory/memory.limit_in_bytes': '1000' }, 1000],
])('%s', async (_, membership, files, expected) => {
  if (membership !== undefined) await writeFile(join(dir, 'self'), membership)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, 'fs', name)), { recursive: true })
    await writeFile(join(dir, 'fs', name), text)
  }
  expect(readGroupMemory({ membership: join(dir, 'self'), mount: join(dir, 'fs') })).toBe(expected)
})

test('an unreadable file sets no limit', async () => {
  await writeFile(join(dir, 'self'), '0::/\n')
  await mkdir(join(dir, 'fs', 'memory.max'), { recursive: true })
  expect(readGroupMemory({ membership: join(dir, 'self'), mount: join(dir, 'fs') })).toBe(
    Number.POSITIVE_INFINITY,
  )
})

test('the free memory of this machine is between 0 and its total memory', () => {
  expect(readFreeMemory()).toBeGreaterThan(0)
  expect(readFreeMemory()).toBeLessThanOrEqual(totalmem())
})
