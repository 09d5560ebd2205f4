import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'review',
    include: ['test/**/*.test.ts'],
    setupFiles: ['../repo-checks/src/test-environment.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
