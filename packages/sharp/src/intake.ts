import { PassThrough, Writable } from 'node:stream'
import { NobgError } from '@nobg/core'
import type { Sharp } from 'sharp'
import type { Pending } from './pending.ts'

/** Takes the bytes that are written to an instance: its own input is the finished PNG. */
export function openIntake(): PassThrough {
  return new PassThrough()
}

/** For an instance that has an image: every write fails, as with sharp. */
export function closedIntake(): Writable {
  const error = new NobgError(
    'INVALID_SOURCE',
    'Expected no piped data, because nobg was called with an image, got data.',
    {
      hint: 'To pipe an image in, leave out the input: source.pipe(nobg({ model })).',
    },
  )
  return new Writable({ write: (_chunk, _encoding, done) => done(error) })
}

/** Redirects to `intake` the bytes that are written to `instance`. The first write starts the work. */
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
