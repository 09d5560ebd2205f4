import nobg from 'unplugin-nobg/rspack'

export default {
  mode: 'production',
  entry: './src/main.js',
  // The small model that comes with nobg, so that this example runs offline. Without the option, BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
}
