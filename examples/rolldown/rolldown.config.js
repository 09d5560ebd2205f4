import nobg from 'unplugin-nobg/rolldown'

export default {
  input: 'src/main.js',
  output: { dir: 'dist' },
  // u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
}
