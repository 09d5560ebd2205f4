import { testBundler } from './test-bundler.ts'

// Compiling is where pictures are made; what the site shows is the development server's test, as is Next's webpack.
testBundler('next', {
  example: 'next',
  command: ['next', 'build', '--experimental-build-mode', 'compile'],
  out: '.next/static',
})
