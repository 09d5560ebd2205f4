import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { expect, test } from 'vitest'

const logger = join(import.meta.dirname, '../../src/operations/logger.ts')
const program = `
  import { createLogger } from ${JSON.stringify(logger)}
  const logger = createLogger()
  for (let line = 0; line < 50; line++) {
    logger.error({ text: 'x'.repeat(100_000) }, 'A line.')
    await new Promise(setImmediate)
  }
  process.stderr.write(\`alive, \${process.memoryUsage().rss < 500e6 ? 'small' : 'large'}\`)
`

test.skipIf(process.platform !== 'linux')(
  'a log that cannot be written does not end the process (skipped elsewhere than on Linux)',
  async () => {
    const stdout = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', stdout, 'pipe'],
    })
    expect(await text(child.stderr as NodeJS.ReadableStream)).toBe('alive, small')
  },
)
