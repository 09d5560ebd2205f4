import { NobgError } from '@nobg/core'

/** Where clients reach this server. */
export interface PublicUrl {
  /** Without a slash at its end. @throws {NobgError} INVALID_OPTION where nobody has said so */
  read(): string
  /** Takes the address that it listens at, where none was given. */
  learn(url: string): void
}

export function createPublicUrl(publicUrl: string | undefined): PublicUrl {
  let url = publicUrl
  return {
    read() {
      if (url) return url
      throw new NobgError(
        'INVALID_OPTION',
        'publicUrl: expected where clients reach this server, got nothing.',
        { hint: 'A server that is part of another app cannot know it.' },
      )
    },
    learn(found) {
      url ??= found
    },
  }
}
