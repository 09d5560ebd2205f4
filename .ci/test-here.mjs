// All tests on the Node that runs this file. `pnpm test` uses the Node that the root package installs.
import { spawnSync } from 'node:child_process'

const steps = [
  ['packages/u2netp/build.ts'],
  ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers', '100%', ...process.argv.slice(2)],
]
for (const step of steps) {
  const { status } = spawnSync(process.execPath, step, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
