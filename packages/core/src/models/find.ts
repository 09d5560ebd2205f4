import { NobgError } from '../errors.ts'
import { type Model, models } from './table.ts'

/** A model of the user's own: a local `.onnx` file and how it wants to be fed. Absent fields are BiRefNet's. */
export type LocalModel = Partial<Omit<Model, 'id' | 'path'>> & {
  /** Path of the `.onnx` file. */
  path: string
}

/** Models by id, fal's names and letter case aside. */
export interface ModelTable {
  /** @throws {NobgError} UNKNOWN_MODEL, with the nearest names. */
  find(name: string): Model
  list(): readonly Model[]
}

/** The built-in rows and the user's own, which win over a built-in row of the same id. */
export function createModelTable(local: Record<string, LocalModel> = {}): ModelTable {
  const own = Object.entries(local).map(([id, row]) => describeLocalModel(id, row))
  const rows = [...own, ...models.filter(({ id }) => !Object.hasOwn(local, id))]
  const byName = new Map<string, Model>()
  for (const row of rows) {
    if (row.falName) byName.set(row.falName.toLowerCase(), row)
    byName.set(row.id.toLowerCase(), row)
  }
  return {
    list: () => rows,
    find(name) {
      const row = byName.get(name.trim().toLowerCase())
      if (row) return row
      throw new NobgError('UNKNOWN_MODEL', `No model is called '${name}'.`, {
        hint: `The models are ${rows.map(({ id }) => id).join(', ')}. A local .onnx file can be described in the config's \`models\`.`,
      })
    },
  }
}

function describeLocalModel(id: string, row: LocalModel): Model {
  if (typeof row?.path !== 'string' || row.path === '') {
    throw new NobgError('INVALID_OPTION', `models.${id}: expected { path: '….onnx', … }, got no path.`)
  }
  return {
    licence: "the user's own",
    urls: [],
    resolution: 1024,
    fit: 'stretch',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    meaning: 'logits',
    minMax: false,
    ...row,
    id,
  }
}
