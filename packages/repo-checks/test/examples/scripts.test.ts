import { testBundler } from './test-bundler.ts'

testBundler('node', { example: 'node', command: ['node', '--run', 'start'], out: 'dist' })
testBundler('sharp', { example: 'sharp', command: ['node', '--run', 'start'], out: 'dist' })
testBundler('strapi', { example: 'strapi', command: ['node', '--run', 'start'], out: 'dist' })
// The command of the example with --overwrite: without the flag a second run would skip existing files.
const words = ['photos/*', '-o', 'cutouts', '--model', 'u2netp', '--overwrite']
testBundler('command line', { example: 'cli', command: ['nobg', ...words], out: 'cutouts' })
