/** A system that onnxruntime-node has binaries for. */
export interface Platform {
  /** As in `process.platform`. */
  os: 'darwin' | 'linux' | 'win32'
  /** As in `process.arch`. */
  cpu: 'arm64' | 'x64'
  /** The system's name in sentences. */
  title: string
}

/** The systems that onnxruntime-node 1.30 has binaries for. */
export const PLATFORMS: readonly Platform[] = [
  { os: 'darwin', cpu: 'arm64', title: 'macOS on Apple silicon' },
  { os: 'linux', cpu: 'arm64', title: 'Linux with glibc on arm64' },
  { os: 'linux', cpu: 'x64', title: 'Linux with glibc on x64' },
  { os: 'win32', cpu: 'arm64', title: 'Windows on arm64' },
  { os: 'win32', cpu: 'x64', title: 'Windows on x64' },
]

/** The name of a platform's folder, and the end of its package's name: `linux-x64`. */
export function nameOf({ os, cpu }: Platform): string {
  return `${os}-${cpu}`
}

/**
 * The manifest of a platform's package. Package managers read `os`, `cpu` and `libc` of the published manifest; in the
 * workspace they would warn about the packages of other systems.
 *
 * @param version the version of the package
 */
export function createManifest(platform: Platform, version: string): object {
  const name = nameOf(platform)
  const { os, cpu, title } = platform
  return {
    name: `@nobg/runtime-${name}`,
    version,
    description: `ONNX Runtime for ${title}: onnxruntime-node without the files of other systems and without an install script.`,
    license: 'MIT',
    author: 'The nobg contributors',
    homepage: 'https://github.com/nobg/nobg/tree/main/packages/runtime#readme',
    bugs: 'https://github.com/nobg/nobg/issues',
    repository: {
      type: 'git',
      url: 'git+https://github.com/nobg/nobg.git',
      directory: `packages/runtime/platforms/${name}`,
    },
    type: 'commonjs',
    engines: { node: '>=22.19' },
    keywords: ['onnxruntime', 'onnx', 'native', os, cpu],
    exports: { '.': './dist/index.js', './package.json': './package.json' },
    files: ['bin', 'dist', 'LICENSE', 'README.md', 'ThirdPartyNotices.txt'],
    preferUnplugged: true,
    publishConfig: {
      access: 'public',
      os: [os],
      cpu: [cpu],
      ...(os === 'linux' && { libc: ['glibc'] }),
    },
    scripts: {
      prepack: 'node ../../src/build.ts && node ../../../repo-checks/src/publish-manifest.ts',
      postpack: 'node ../../../repo-checks/src/publish-manifest.ts --restore',
    },
  }
}
