import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

function importIn(node: string): Promise<unknown> {
  vi.stubGlobal('process', { ...process, versions: { ...process.versions, node } })
  return import('../../src/shared/check-node.ts')
}

test.each(['20.20.2', '22.18.0'])('refuses Node %s in one sentence', async node => {
  const message = `nobg: Expected Node 22.19 or newer, got Node ${node}: install a newer Node.`
  await expect(importIn(node)).rejects.toMatchObject({ message, stack: message })
})

test.each(['22.19.0', '23.0.0', '24.11.1'])('accepts Node %s', async node => {
  await expect(importIn(node)).resolves.toBeDefined()
})
