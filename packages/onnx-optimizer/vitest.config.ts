import { defineProject } from 'vitest/config'

export default defineProject({
  test: { name: 'onnx-optimizer', include: ['test/**/*.test.ts'], testTimeout: 300_000 },
})
