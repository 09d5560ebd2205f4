import { testBundler } from './test-bundler.ts'

testBundler('node', { example: 'node', command: ['node', '--run', 'start'], out: 'dist' })
testBundler('sharp', { example: 'sharp', command: ['node', '--run', 'start'], out: 'dist' })
// The example's own command, and --overwrite: by itself a second run leaves what is there.
const words = ['photos/*', '-o', 'cutouts', '--model', 'u2netp', '--overwrite']
testBundler('command line', { example: 'cli', command: ['nobg', ...words], out: 'cutouts' })
