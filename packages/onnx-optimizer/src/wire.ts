import { refuse } from './refusal.ts'
import { type Span, type WireFile, windowBytes } from './wire-file.ts'

/** One field of a protobuf message. */
export interface Field {
  number: number
  /** `varint`: the number is in `value`. Other kinds: the bytes are in `body`. */
  wire: 'varint' | 'fixed64' | 'bytes' | 'fixed32'
  /** A varint as a signed 64-bit number, inexact beyond 2⁵³. 0 for other kinds. */
  value: number
  body: Span
  /** Tag, length and body, to be copied. */
  whole: Span
}

const wires = { 0: 'varint', 1: 'fixed64', 2: 'bytes', 5: 'fixed32' } as const

/** Approximate memory of a field, bytes. */
const fieldCost = 64

/**
 * Iterates over the fields of a protobuf message without reading their bodies.
 *
 * Protobuf libraries need the whole message in memory. Here a message is a file of up to 1 GB, of which only a few MB are
 * needed; the rest is copied from file to file.
 *
 * @throws {Refusal} if the bytes are no message: a length beyond its end, an endless varint, an unknown kind
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function* readFields({ file, start, end }: Span): Generator<Field> {
  for (let position = start; position < end; ) {
    file.spend(fieldCost)
    const tag = readVarint(file, position, end)
    const number = Math.floor(tag.value / 8)
    const wire = wires[(tag.value & 7) as keyof typeof wires]
    if (tag.value < 8 || tag.value > 2 ** 32 || !wire)
      refuse(`there is no protobuf field at byte ${position}`)
    const value = wire === 'varint' || wire === 'bytes' ? readVarint(file, tag.end, end) : undefined
    const from = wire === 'bytes' ? value!.end : tag.end
    const to = {
      varint: value?.end,
      bytes: from + (value?.value ?? 0),
      fixed32: from + 4,
      fixed64: from + 8,
    }[wire]!
    if (to < from || to > end) refuse(`the field at byte ${position} is longer than its message`)
    yield {
      number,
      wire,
      value: wire === 'varint' ? value!.value : 0,
      body: { file, start: from, end: to },
      whole: { file, start: position, end: to },
    }
    position = to
  }
}

/** Reads the numbers of a repeated field of whole numbers, packed or not. */
export function readNumbers(field: Field): number[] {
  if (field.wire === 'varint') return [field.value]
  if (field.wire !== 'bytes') refuse(`the field at byte ${field.whole.start} contains no whole numbers`)
  const { file, start, end } = field.body
  if (end - start > windowBytes)
    refuse(`the list of numbers at byte ${start} has ${end - start} bytes; expected at most ${windowBytes}`)
  file.spend(8 * (end - start))
  const numbers: number[] = []
  for (let position = start; position < end; ) {
    const { value, end: next } = readVarint(file, position, end)
    numbers.push(value)
    position = next
  }
  return numbers
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads the text of a field. */
export function readText({ wire, body, whole }: Field): string {
  if (wire !== 'bytes') refuse(`the field at byte ${whole.start} contains no text`)
  try {
    return utf8.decode(body.file.read(body.start, body.end))
  } catch (error) {
    if (error instanceof TypeError) refuse(`the text at byte ${body.start} is not UTF-8`)
    throw error
  }
}

/** Returns the body of a field that contains a message. */
export function readMessage({ wire, body, whole }: Field): Span {
  if (wire !== 'bytes') refuse(`the field at byte ${whole.start} contains no message`)
  return body
}

function readVarint(file: WireFile, start: number, end: number): { value: number; end: number } {
  let small = 0
  for (let index = 0; index < 10; index++) {
    if (start + index >= end) refuse(`the number at byte ${start} is cut off`)
    const byte = file.at(start + index)
    // Seven bytes have 49 bits, which a double represents exactly. In practice only negative numbers are longer.
    if (index < 7) small += (byte & 127) * 2 ** (7 * index)
    if (byte > 127) continue
    const after = start + index + 1
    return { value: index < 7 ? small : readLongVarint(file, start, after), end: after }
  }
  return refuse(`the number at byte ${start} is longer than 10 bytes`)
}

function readLongVarint(file: WireFile, start: number, end: number): number {
  let value = 0n
  for (let position = end - 1; position >= start; position--) {
    value = (value << 7n) | BigInt(file.at(position) & 127)
  }
  return Number(BigInt.asIntN(64, value))
}
