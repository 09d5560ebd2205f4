import { testBundler } from './test-bundler.ts'

const reference = { file: 'src/main.js', text: './cat.jpg?nobg' }

for (const example of ['rollup', 'rolldown', 'webpack', 'rspack', 'rsbuild', 'esbuild']) {
  testBundler(example, { example, command: ['node', '--run', 'build'], out: 'dist', reference })
}
