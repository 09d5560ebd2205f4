import nobg from 'unplugin-nobg/webpack'

export default {
  mode: 'production',
  entry: './src/main.js',
  // Mattes are kept in a folder, which is committed. u2netp is part of nobg, so this example runs offline: without the option
  // `substitute`, nobg uses BiRefNet.
  plugins: [nobg({ mattes: 'mattes', substitute: 'u2netp' })],
}
