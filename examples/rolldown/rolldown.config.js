import nobg from 'unplugin-nobg/rolldown'

export default {
  input: 'src/main.js',
  output: { dir: 'dist' },
  // Mattes are kept in a folder, which is committed. u2netp is part of nobg, so this example runs offline: without the option
  // `substitute`, nobg uses BiRefNet.
  plugins: [nobg({ mattes: 'mattes', substitute: 'u2netp' })],
}
