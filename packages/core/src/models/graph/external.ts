import { dirname, isAbsolute, join, normalize } from 'node:path'
import { encodeHead } from './encode.ts'
import type { Tensor } from './read-tensor.ts'
import { tensorFields } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'
import { type Span, WireFile } from './wire.ts'

/** Bytes per element, by TensorProto.DataType; 4-bit types and strings are left out. */
const elementBytes: Record<number, number> = {
  1: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  14: 8,
  15: 16,
  16: 2,
}

/** The files beside a model in which its tensors lie; each is opened once. */
export interface ExternalFiles {
  /**
   * A tensor with its elements inside.
   *
   * @returns the body of a TensorProto, in pieces
   * @throws {Refusal} where the place is not below the model's folder, or not as long as the tensor
   */
  inline(tensor: Tensor): Promise<(Buffer | Span)[]>
  close(): Promise<void>
}

/** @param model path of the .onnx file that names them */
export function openExternalFiles(model: string): ExternalFiles {
  const files = new Map<string, WireFile>()
  const open = async (tensor: Tensor, location: string) => {
    const below = normalize(location)
    if (isAbsolute(below) || below.split(/[\\/]/)[0] === '..')
      refuse(`the tensor ${tensor.name} lies at ${location}, outside of the model's folder`)
    const path = join(dirname(model), below)
    const file =
      files.get(path) ??
      (await WireFile.open(path).catch(() =>
        refuse(`the tensor ${tensor.name} lies in ${location}, which cannot be opened`),
      ))
    files.set(path, file)
    return file
  }
  return {
    async inline(tensor) {
      const { location, offset, length } = tensor.external!
      const file = await open(tensor, location)
      const span = { file, start: offset, end: length === undefined ? file.size : offset + length }
      const bytes = countElements(tensor) * (elementBytes[tensor.type] ?? Number.NaN)
      if (span.end > file.size || span.end - span.start !== bytes)
        refuse(`the tensor ${tensor.name} does not lie in ${location} as a whole`)
      const kept = tensor.fields.filter(
        ({ number }) => number !== tensorFields.externalData && number !== tensorFields.dataLocation,
      )
      return [...kept.map(field => field.whole), encodeHead(tensorFields.raw, bytes), span]
    },
    async close() {
      for (const file of files.values()) await file.handle.close()
    },
  }
}
