import { testBundler } from './test-bundler.ts'

// Compiling is where pictures are made; the pages of the site are another test's business.
const words = ['build', '--experimental-build-mode', 'compile']
const next = { example: 'next', out: '.next/static' }

testBundler('next', { ...next, command: ['next', ...words] })
testBundler('next, with webpack', {
  ...next,
  command: ['next', ...words, '--webpack'],
  reference: { file: 'app/page.jsx', text: './cat.jpg?nobg' },
})
