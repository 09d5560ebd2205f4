import nobg from 'unplugin-nobg/webpack'

export default {
  mode: 'production',
  entry: './src/main.js',
  // u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
}
