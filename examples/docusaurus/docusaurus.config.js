import { createRequire } from 'node:module'

// Docusaurus compiles the imports of this file, and its compiler does not know all of today's syntax. `require` of Node loads nobg as it is.
const nobg = createRequire(import.meta.url)('unplugin-nobg/webpack')

/** A plugin of Docusaurus that adds nobg to webpack. */
const nobgPlugin = () => ({
  name: 'nobg',
  configureWebpack: () => ({
    // Mattes are kept in a folder, which is committed. u2netp is part of nobg, so this example runs offline: without the option
    // `substitute`, nobg uses BiRefNet.
    plugins: [nobg({ mattes: 'mattes', substitute: 'u2netp' })],
  }),
})

export default {
  title: 'nobg and Docusaurus',
  url: 'https://example.com',
  baseUrl: '/',
  plugins: [nobgPlugin],
  presets: [['classic', { docs: { routeBasePath: '/' }, blog: false }]],
}
