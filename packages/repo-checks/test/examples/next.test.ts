import { testBundler } from './test-bundler.ts'

// Pictures are made when Next compiles. next-dev.test.ts tests the page, and webpack.
testBundler('next', {
  example: 'next',
  command: ['next', 'build', '--experimental-build-mode', 'compile'],
  out: '.next/static',
})
