import { NobgError } from '@nobg/core'

/** The address at which clients reach this server. */
export interface PublicUrl {
  /** @returns the address without a slash at its end @throws {NobgError} INVALID_OPTION if it is not known */
  read(): string
  /** Sets the address that the server listens at, unless the config gave one. */
  setDefault(url: string): void
}

export function createPublicUrl(publicUrl: string | undefined): PublicUrl {
  let url = publicUrl
  return {
    read() {
      if (url) return url
      throw new NobgError(
        'INVALID_OPTION',
        'publicUrl: expected the URL at which clients reach this server, got nothing.',
        { hint: 'Set publicUrl: a server that is part of another app does not know its URL.' },
      )
    },
    setDefault(found) {
      url ??= found
    },
  }
}
