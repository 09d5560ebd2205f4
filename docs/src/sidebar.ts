const listIn = (folder: string, names: readonly string[]) => names.map(name => `${folder}/${name}`)

/** The order of the pages. A test compares the list with the files. */
export const sidebar = [
  {
    label: 'Getting started',
    items: listIn('getting-started', [
      'vite',
      'astro',
      'sveltekit',
      'nuxt',
      'next',
      'webpack',
      'rsbuild',
      'rollup',
      'esbuild',
      'sharp',
      'node',
      'command-line',
      'server',
    ]),
  },
  {
    label: 'Guides',
    items: [
      ...listIn('guides', ['requirements', 'queries-and-presets', 'choosing-a-model', 'edges-and-hair']),
      'mattes',
      'ci',
      ...listIn('guides', [
        'caches',
        'offline-and-mirrors',
        'gpu',
        'responsive-images',
        'server-and-workers',
        'docker',
      ]),
      { slug: 'next', label: 'Next.js in detail' },
      'troubleshooting',
    ],
  },
  {
    label: 'Migration',
    items: listIn('migration', ['fal', 'imgly', 'rembg', 'transformers', 'remove-bg', 'cloudinary']),
  },
  {
    label: 'Reference',
    items: [
      ...listIn('reference', ['options', 'config', 'command-line', 'errors', 'http-api']),
      {
        label: 'TypeScript API',
        collapsed: true,
        items: listIn('reference/api', [
          'core',
          'matting',
          'plugin',
          'sharp',
          'ipx',
          'server',
          'onnx-optimizer',
        ]),
      },
    ],
  },
  {
    label: 'More',
    items: [
      'how-it-works',
      'models',
      'gallery',
      'comparison',
      'quality',
      'benchmarks',
      'encoding',
      'concurrency',
      'licenses',
      'privacy',
      'server-security',
      'install-matrix',
    ],
  },
]
