import pino from 'pino'

/** Where a server speaks: a JSON object and a sentence a line. pino's loggers fit. */
export interface ServerLogger {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Lines of JSON on stdout; errors with their stack, which no client sees. */
export function createLogger(): ServerLogger {
  return pino({ name: 'nobg', serializers: { error: pino.stdSerializers.err } })
}
