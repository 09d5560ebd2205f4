import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listTree, readCpuMs, readEndedCpuMs, readPssMb, readRssMb } from '../src/process-tree.ts'

test.skipIf(!existsSync('/proc/self/smaps_rollup'))(
  'sums memory and CPU time over a process and its children (Linux only, reads /proc)',
  async () => {
    const script =
      'const held = Buffer.alloc(100e6, 1); console.log(held.length); setInterval(() => {}, 1000)'
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(child.stdout, 'data')
      const tree = listTree(process.pid)
      expect(tree[0]).toBe(process.pid)
      expect(tree).toContain(child.pid)
      expect(readRssMb([child.pid!])).toBeGreaterThan(100)
      expect(readRssMb(tree)).toBeGreaterThan(readRssMb([child.pid!]))
      expect(readPssMb([child.pid!])).toBeGreaterThan(100)
      expect(readCpuMs(child.pid!)).toBeGreaterThan(1)
    } finally {
      child.kill()
    }
    expect(listTree(-1)).toEqual([-1])
  },
)

test.skipIf(!existsSync('/proc/self/stat'))('counts the CPU time of ended children (Linux only)', () => {
  const before = readEndedCpuMs(process.pid)
  spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 200_000);'])
  // The child uses 200 ms. Rounding may remove two ticks of 10 ms.
  expect(readEndedCpuMs(process.pid) - before).toBeGreaterThanOrEqual(180)
})
