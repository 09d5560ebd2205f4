import { testBundler } from './test-bundler.ts'

const site = { command: ['node', '--run', 'build'], out: 'dist' } as const

testBundler('vite', {
  ...site,
  example: 'vite',
  reference: { file: 'src/main.ts', text: './photos/chelsea.png?nobg' },
})
testBundler('astro', {
  ...site,
  example: 'astro',
  reference: { file: 'src/pages/index.astro', text: '../photos/chelsea.png?nobg' },
})
testBundler('eleventy', { ...site, example: 'eleventy' })
// The first of its three references that fails is reported.
testBundler('vitepress', { ...site, example: 'vitepress' })
