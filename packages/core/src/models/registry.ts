import { showValue } from '../shared/abbreviate.ts'
import { NobgError } from '../shared/errors.ts'
import { findSuggestion } from '../shared/suggest.ts'
import { describeLocalModel, type LocalModel } from './local.ts'
import { type Model, models } from './table.ts'

/** Models by their ids and by fal's names for them, ignoring case. */
export interface ModelRegistry {
  /** @throws {NobgError} UNKNOWN_MODEL; the hint suggests a name */
  find(name: string): Model
  /** The user's models, then the built-in models. */
  list(): readonly Model[]
}

/** Precision of the weights files that nobg chooses, if a model has files of both. */
export type WeightsPrecision = 'float32' | 'float16'

/**
 * Returns the built-in models and the user's models. A user's model replaces the built-in model of the same id.
 *
 * @param precision `float16`: `find` returns the model with the same weights in half precision, if there is one
 * @throws {NobgError} INVALID_OPTION if the description of a user's model is wrong
 */
export function createModelRegistry(
  local: Record<string, LocalModel> = {},
  precision: WeightsPrecision = 'float32',
): ModelRegistry {
  const own = Object.entries(local).map(([id, row]) => describeLocalModel(id, row))
  const rows = [...own, ...models.filter(({ id }) => !Object.hasOwn(local, id))]
  const byName = new Map(models.flatMap(({ id, falName }) => (falName ? [[foldCase(falName), id]] : [])))
  const byId = new Map(rows.map(row => [row.id, row]))
  const findHalf = ({ halfPrecision }: Model) =>
    precision === 'float16' && halfPrecision ? byId.get(halfPrecision) : undefined
  return {
    list: () => rows,
    find(name) {
      const folded = foldCase(name)
      const row = byId.get(byName.get(folded) ?? folded)
      if (row) return findHalf(row) ?? row
      const names = [...byId.keys(), ...models.flatMap(({ falName }) => falName ?? [])]
      const suggestion = findSuggestion(name, names)
      throw new NobgError('UNKNOWN_MODEL', `Expected the name of a model, got ${showValue(name)}.`, {
        hint: `${suggestion ? `Did you mean '${suggestion}'? ` : ''}The models are ${rows.map(listModel).join(', ')}. Describe your own .onnx files in the config's \`models\`.`,
      })
    },
  }
}

/** `portrait (people)` */
function listModel({ id, purpose }: Model): string {
  return purpose ? `${id} (${purpose})` : id
}

function foldCase(name: string): string {
  return name.trim().toLowerCase()
}
