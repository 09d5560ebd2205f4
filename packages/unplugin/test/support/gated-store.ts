import { type FileStore, fileStore } from '@nobg/core'

/** A cache that answers no request for a cutout before it is opened, so that no picture is finished before. */
export interface GatedStore {
  store: FileStore
  open(): void
}

/**
 * Creates a gated cache.
 *
 * @param dir folder of the cutouts.
 * @param matteDir folder of the mattes, which several caches may share.
 */
export function createGatedStore(dir: string, matteDir: string): GatedStore {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const files = fileStore({ dir })
  const mattes = fileStore({ dir: matteDir })
  const store: FileStore = {
    ...files,
    async get(key) {
      if (key.startsWith('mattes:')) return mattes.get(key)
      await opened
      return files.get(key)
    },
    set: (key, value, ...rest) => (key.startsWith('mattes:') ? mattes : files).set(key, value, ...rest),
  }
  return { store, open }
}
