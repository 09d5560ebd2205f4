import pino from 'pino'
import { cutText, describeError } from './describe-error.ts'

/** Receives the log of a server: an object and a message per line. Loggers of pino have this form. */
export interface ServerLogger {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  /** `facts.error` is an object of name, code, message, stack and cause: not the error, whose other fields may hold secrets. */
  error(facts: object, message: string): void
}

/** Lines that wait for a full disk, in characters. Further lines are lost. */
const MAX_WAITING = 2 ** 20

/**
 * Creates a logger that writes lines of JSON to stdout, with the stacks of errors. Lines that cannot be written are lost: a full
 * disk for the log must not end the server.
 */
export function createLogger(): ServerLogger {
  const stdout = pino.destination({ dest: 1, sync: true, maxLength: MAX_WAITING })
  stdout.on('error', () => {})
  return pino({ name: 'nobg' }, stdout)
}

/** Wraps a logger, so that no line contains secrets or long values: errors are described, texts are cut. */
export function limitLogger(logger: ServerLogger): ServerLogger {
  return {
    info: (facts, message) => logger.info(limitFacts(facts), message),
    warn: (facts, message) => logger.warn(limitFacts(facts), message),
    error: (facts, message) => logger.error(limitFacts(facts), message),
  }
}

function limitFacts(facts: object): object {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, limitFact(name, value)]))
}

/** Numbers and booleans stay. Anything else than a text is treated as an error: of an unknown object, no field is logged. */
function limitFact(name: string, value: unknown): unknown {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string' && name !== 'error') return cutText(value)
  return describeError(value)
}
