import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: ['packages/*'],
    reporters: ['default', './packages/repo-checks/src/closing-line.ts'],
  },
})
