import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'runtime',
    include: ['test/**/*.test.ts'],
    setupFiles: ['../repo-checks/src/test-environment.ts'],
    testTimeout: 300_000,
  },
})
