import { join } from 'node:path'
import { $, Glob } from 'bun'

/** The flag of the command for a word of a query: `--output-quality=90` for `outputQuality=90`. */
function toFlag(word) {
  const [name, ...value] = word.split('=')
  const flag = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  return [`--${flag}`, ...value.map(decodeURIComponent)].join('=')
}

/** A plugin of Bun: `./cat.jpg?nobg&crop` is the cutout. nobg needs Node, so its command makes the cutout. */
export default {
  name: 'nobg',
  setup(build) {
    build.onResolve(
      { filter: /\?(?:.*&)?nobg(?:&|$)/ },
      async ({ path: reference, importer, resolveDir }) => {
        const [path, query] = reference.split('?')
        const photo = Bun.resolveSync(path, resolveDir)
        const folder = join('node_modules/.cache/bun-nobg', Bun.hash(photo + query).toString(36))
        const words = query.split('&').filter(word => word !== 'nobg')
        // Mattes are kept in a folder, which is committed. u2netp is part of nobg, so this example runs offline: without
        // `--substitute`, nobg uses BiRefNet.
        const flags = ['--format=webp', '--mattes=mattes', '--substitute=u2netp', ...words.map(toFlag)]
        const run = await $`nobg ${photo} --output ${folder}/ --overwrite ${flags}`.quiet().nothrow()
        if (run.exitCode !== 0) throw new Error(`${run.stderr}  Imported as '${reference}' from ${importer}`)
        const [file] = new Glob('*').scanSync({ cwd: folder, absolute: true })
        return { path: file }
      },
    )
  },
}
