import { dirname, isAbsolute, join, normalize } from 'node:path'
import { encodeHead } from './encode.ts'
import { type Tensor, tensorFields } from './read-tensor.ts'
import { refuse } from './refusal.ts'
import { countElements } from './values.ts'
import { type Span, WireFile } from './wire-file.ts'
import type { Piece } from './write-pieces.ts'

/** Bytes per element by TensorProto.DataType, from 1 (float32) to 16 (bfloat16); a string (8) has no size. */
const elementBytes = [4, 1, 1, 2, 2, 4, 8, Number.NaN, 1, 2, 8, 4, 8, 8, 16, 2]

/** The files next to a model that contain its tensors. */
export interface ExternalFiles {
  /**
   * Locates the elements of a tensor in another file.
   *
   * @throws {Refusal} if the file is outside of the model's folder, or if the length does not match the tensor
   */
  locate(tensor: Tensor): Promise<Span>
  close(): Promise<void>
}

/** Opens each file once, at its first use. @param model path of the .onnx file */
export function openExternalFiles(model: string): ExternalFiles {
  const files = new Map<string, WireFile>()
  return {
    async locate(tensor) {
      const { location, offset, length } = tensor.external!
      const path = join(dirname(model), expectBelow(location, tensor))
      const file = files.get(path) ?? (await openFile(path, tensor))
      files.set(path, file)
      const span = { file, start: offset, end: length === undefined ? file.size : offset + length }
      const bytes = countElements(tensor) * (elementBytes[tensor.type - 1] ?? Number.NaN)
      if (span.end <= file.size && span.end - span.start === bytes) return span
      return refuse(`the tensor ${tensor.name} has another size in ${location} than its shape needs`)
    },
    async close() {
      for (const file of files.values()) await file.close()
    },
  }
}

function expectBelow(location: string, { name }: Tensor): string {
  const path = normalize(location)
  if (!isAbsolute(path) && path.split(/[\\/]/)[0] !== '..') return path
  return refuse(`the tensor ${name} is in ${location}, outside of the model's folder`)
}

async function openFile(path: string, { name, external }: Tensor): Promise<WireFile> {
  try {
    return await WireFile.open(path)
  } catch (error) {
    return refuse(
      `the tensor ${name} is in ${external?.location}, which cannot be read: ${(error as Error).message}`,
    )
  }
}

/** Returns the body of a TensorProto with its elements inside. @param elements current place of the elements */
export function inlineTensor({ fields }: Tensor, elements: Span): Piece[] {
  const { externalData, dataLocation, raw } = tensorFields
  const kept = fields.filter(
    ({ number }) => number !== externalData && number !== dataLocation && number !== raw,
  )
  return [...kept.map(field => field.whole), encodeHead(raw, elements.end - elements.start), elements]
}
