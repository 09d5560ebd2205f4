import type { Sharp } from 'sharp'
import type { Pending } from './pending.ts'

type Method = (...args: unknown[]) => unknown

/** Methods of sharp that return a result by promise or callback. */
const RESULT_METHODS = ['metadata', 'stats', 'toBuffer', 'toFile', 'toUint8Array'] as const

/**
 * Makes a sharp instance and its clones start the pending work when a method asks for a result or a stream is read, and fail if
 * the work fails. Otherwise sharp would wait forever for the end of its input.
 */
export function follow(instance: Sharp, pending: Pending): Sharp {
  const { clone } = instance
  for (const name of RESULT_METHODS) answerFor(instance, name, pending)
  failReaders(instance, pending)
  return Object.assign(instance, { clone: () => follow(clone.call(instance), pending) })
}

function answerFor(instance: Sharp, name: (typeof RESULT_METHODS)[number], { start, failed }: Pending): void {
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

/** Wraps a callback so that it is called once: by sharp, or with the failure of the work. */
function callOnce(callback: Method, failed: Promise<never>): Method {
  let called = false
  const once: Method = (...answer) => {
    if (called) return
    called = true
    callback(...answer)
  }
  // In the next tick an error that the callback throws is an uncaught exception, as with sharp.
  failed.catch(error => process.nextTick(once, error))
  return once
}

/** Emits `error` if the stream is read or has a listener, as sharp does; otherwise the failure is silent. */
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
    // This also removes the listener with which pipe() throws an error that has no other listener.
    for (const source of sources) source.unpipe(instance)
    const hasListener = instance.listeners('error').some(listener => listener !== ignore)
    if (hasListener) instance.destroy(error)
  })
}
