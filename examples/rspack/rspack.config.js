import nobg from 'unplugin-nobg/rspack'

export default {
  mode: 'production',
  entry: './src/main.js',
  output: { assetModuleFilename: '[name].[hash][ext]' },
  module: { rules: [{ test: /\.png$/, type: 'asset/resource' }] },
  // The small model that comes with nobg, so that this example runs offline. Without the option, BiRefNet.
  plugins: [nobg({ substitute: 'u2netp' })],
}
