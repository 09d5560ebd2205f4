import nobg from 'unplugin-nobg/rolldown'

export default {
  input: 'src/main.js',
  output: { dir: 'dist' },
  // The small model that comes with nobg, so that this example runs offline. Without the option, BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
}
