/** Everything that `@nobg/core` exports, under the name of the command. */
export * from '@nobg/core'
