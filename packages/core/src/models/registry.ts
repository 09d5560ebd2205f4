import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { describeLocalModel, type LocalModel } from './local.ts'
import { type Model, models } from './table.ts'

/** Models by id, fal's names and letter case aside. */
export interface ModelRegistry {
  /** @throws {NobgError} UNKNOWN_MODEL, with the name that was probably meant. */
  find(name: string): Model
  /** The user's own models, then the built-in ones. */
  list(): readonly Model[]
}

/**
 * The built-in rows and the user's own, which take the place of a built-in row of the same id.
 *
 * @param suggest gives the one of `names` that `name` was probably meant to be, if any comes near.
 * @throws {NobgError} INVALID_OPTION when a model of the user's own is not described properly
 */
export function createModelRegistry(
  local: Record<string, LocalModel> = {},
  suggest: (name: string, names: readonly string[]) => string | undefined = () => undefined,
): ModelRegistry {
  const own = Object.entries(local).map(([id, row]) => describeLocalModel(id, row))
  const rows = [...own, ...models.filter(({ id }) => !Object.hasOwn(local, id))]
  const byName = new Map(models.flatMap(({ id, falName }) => (falName ? [[foldCase(falName), id]] : [])))
  const byId = new Map(rows.map(row => [row.id, row]))
  return {
    list: () => rows,
    find(name) {
      const folded = foldCase(name)
      const row = byId.get(byName.get(folded) ?? folded)
      if (row) return row
      const names = [...byId.keys(), ...models.flatMap(({ falName }) => falName ?? [])]
      const suggestion = suggest(name, names)
      throw new NobgError('UNKNOWN_MODEL', `Expected the name of a model, got ${showValue(name)}.`, {
        hint: `${suggestion ? `Did you mean '${suggestion}'? ` : ''}The models are ${[...byId.keys()].join(', ')}. An .onnx file of your own can be described in the config's \`models\`.`,
      })
    },
  }
}

function foldCase(name: string): string {
  return name.trim().toLowerCase()
}
