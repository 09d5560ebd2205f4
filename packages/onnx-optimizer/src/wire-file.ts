import { type ByteSource, openFileSource } from './byte-source.ts'
import { refuse } from './refusal.ts'

/** The bytes [start, end) of a file. */
export interface Span {
  file: WireFile
  start: number
  end: number
}

/** Maximum number of bytes read at once. */
export const windowBytes = 1 << 16

/** Limit of `spend`, ten times the cost of BiRefNet. Files made to exhaust the memory are refused. */
const maxCost = 1 << 27

/** A file that is read through a small window, so that reading it needs little memory. */
export class WireFile {
  readonly size: number
  #source: ByteSource
  #window?: Buffer
  #start = 0
  #end = 0
  #budget = maxCost

  constructor(source: ByteSource) {
    this.#source = source
    this.size = source.size
  }

  static async open(path: string): Promise<WireFile> {
    return new WireFile(await openFileSource(path))
  }

  async close(): Promise<void> {
    await this.#source.close?.()
  }

  /** Fills `target` with the bytes from `position` on. @returns their number, which is less at the end of the file */
  readInto(target: Uint8Array, position: number): number {
    return this.#source.read(target, position)
  }

  /** Returns a copy of a few bytes. */
  read(start: number, end: number): Buffer {
    this.spend(end - start)
    if (end - start > windowBytes)
      refuse(`the field at byte ${start} has ${end - start} bytes; expected at most ${windowBytes}`)
    if (start < this.#start || end > this.#end) this.#fill(start, end)
    return Buffer.from(this.#window!.subarray(start - this.#start, end - this.#start))
  }

  /** Returns one byte. */
  at(position: number): number {
    if (position < this.#start || position >= this.#end) this.#fill(position, position + 1)
    return this.#window![position - this.#start]
  }

  /** Counts memory that the structure takes, approximate bytes. @throws {Refusal} above the limit */
  spend(bytes: number): void {
    this.#budget -= bytes
    if (this.#budget < 0) refuse('the structure of the file needs too much memory')
  }

  #fill(start: number, end: number): void {
    this.#window ??= Buffer.alloc(windowBytes)
    this.#start = start
    this.#end = start + this.readInto(this.#window, start)
    if (this.#end < end) refuse(`the file ends at byte ${this.#end}, in the middle of a message`)
  }
}
