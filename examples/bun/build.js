import nobg from './nobg-plugin.js'

await Bun.build({ entrypoints: ['src/main.js'], outdir: 'dist', plugins: [nobg] })
