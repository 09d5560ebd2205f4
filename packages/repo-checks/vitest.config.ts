import { defineProject } from 'vitest/config'

// Packing and installing is slow work by nature; it has no time limit of its own but this generous one.
export default defineProject({
  test: {
    name: 'repo-checks',
    include: ['test/**/*.test.ts'],
    setupFiles: ['src/test-environment.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
