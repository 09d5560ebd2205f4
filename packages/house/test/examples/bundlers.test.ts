import { testBundler } from './test-bundler.ts'

const reference = { file: 'src/main.js', text: './cat.jpg?nobg' }
const build = (example: string) =>
  ({ example, command: ['node', '--run', 'build'], out: 'dist', reference }) as const

for (const example of ['rollup', 'rolldown', 'webpack', 'rspack', 'esbuild']) {
  testBundler(example, { ...build(example), command: ['node', '--run', 'build'] })
}
