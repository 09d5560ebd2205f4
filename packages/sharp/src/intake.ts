import { PassThrough, Writable } from 'node:stream'
import { NobgError } from '@nobg/core'
import type { Sharp } from 'sharp'
import type { Pending } from './pending.ts'

/** What takes the bytes written to a sharp instance whose own input is the finished picture. */
export function openIntake(): PassThrough {
  return new PassThrough()
}

/** An intake for an instance that has its image already, as sharp refuses bytes then. */
export function closedIntake(): Writable {
  const error = new NobgError('INVALID_SOURCE', 'Expected no bytes: the image was given to nobg already.', {
    hint: 'To pipe an image in, leave the input out: source.pipe(nobg({ model })).',
  })
  return new Writable({ write: (_chunk, _encoding, done) => done(error) })
}

/** Leads to `intake` what is written to `instance`; the work begins with the first byte. */
export function redirectBytes(instance: Sharp, intake: Writable, { start, failed, fail }: Pending): void {
  intake.on('drain', () => instance.emit('drain')).on('error', fail)
  failed.catch(() => intake.destroy())
  const write = (...args: Parameters<Writable['write']>) => {
    start()
    return intake.write(...args)
  }
  const end = (...args: Parameters<Writable['end']>) => {
    start()
    intake.end(...args)
    return instance
  }
  Object.assign(instance, { write, end })
}
