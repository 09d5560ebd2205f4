import type { Sharp } from 'sharp'
import type { Pending } from './pending.ts'

type Method = (...args: unknown[]) => unknown

/** sharp's methods that answer by promise or callback. */
const answering = ['metadata', 'stats', 'toBuffer', 'toFile', 'toUint8Array'] as const

/**
 * Makes a sharp instance begin the pending work when it is asked or read, and fail as that does: sharp itself would wait for
 * ever for the end of its input. Its clones follow as well.
 */
export function follow(instance: Sharp, pending: Pending): Sharp {
  const { clone } = instance
  for (const name of answering) answerFor(instance, name, pending)
  failReaders(instance, pending)
  return Object.assign(instance, { clone: () => follow(clone.call(instance), pending) })
}

function answerFor(instance: Sharp, name: (typeof answering)[number], { start, failed }: Pending): void {
  const method = instance[name] as Method | undefined
  // sharp 0.34 has no toUint8Array.
  if (!method) return
  const answer: Method = (...args) => {
    const given = args.map(arg => (typeof arg === 'function' ? callOnce(arg as Method, failed) : arg))
    const outcome = method.apply(instance, given)
    start()
    return outcome instanceof Promise ? Promise.race([failed, outcome]) : outcome
  }
  Object.assign(instance, { [name]: answer })
}

/** A callback for sharp that hears of the failure too, whichever comes first. */
function callOnce(callback: Method, failed: Promise<never>): Method {
  let called = false
  const once: Method = (...answer) => {
    if (called) return
    called = true
    callback(...answer)
  }
  // Out of the promise: what a callback throws is an uncaught exception, as with sharp.
  failed.catch(error => process.nextTick(once, error))
  return once
}

/** As with sharp, a stream fails aloud for whoever reads it or listens, and else in silence. */
function failReaders(instance: Sharp, { start, failed }: Pending): void {
  const sources = new Set<NodeJS.ReadableStream>()
  const { read } = instance
  const ignore = () => {}
  let isRead = false
  instance
    .on('error', ignore)
    .on('pipe', source => sources.add(source))
    .on('unpipe', source => sources.delete(source))
  instance.read = size => {
    if (!isRead) {
      isRead = true
      instance.off('error', ignore)
      start()
      failed.catch(error => instance.destroy(error))
    }
    return read.call(instance, size)
  }
  failed.catch(error => {
    // Which also takes away the listener by which pipe() would throw what nobody else hears.
    for (const source of sources) source.unpipe(instance)
    const heard = instance.listeners('error').some(listener => listener !== ignore)
    if (heard) instance.destroy(error)
  })
}
