import pino from 'pino'

/** Receives the log of a server: an object and a message per line. Loggers of pino have this form. */
export interface ServerLogger {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Creates a logger that writes lines of JSON to stdout, with the stacks of errors. */
export function createLogger(): ServerLogger {
  return pino({ name: 'nobg', serializers: { error: pino.stdSerializers.err } })
}
