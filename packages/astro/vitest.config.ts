import { defineProject } from 'vitest/config'

export default defineProject({
  test: {
    name: 'astro',
    include: ['test/**/*.test.ts'],
    setupFiles: ['../house/src/test-environment.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
