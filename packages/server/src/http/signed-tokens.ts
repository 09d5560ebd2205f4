import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto'
import type { SigningKey } from '../webhooks/signing-key.ts'

/** Tokens that are valid for one purpose instead of a key, and expire. A web page may have one, but must not have the key. */
export interface SignedTokens {
  issue(lifeSeconds: number): string
  isValid(token: string): boolean
}

/**
 * A token contains its expiry and a signature, so that nothing is stored.
 *
 * @param purpose part of the signature: a token for another purpose is not valid.
 */
export function createSignedTokens(purpose: string, { sign, jwks }: SigningKey): SignedTokens {
  const key = createPublicKey({ key: jwks.keys[0], format: 'jwk' } as JsonWebKeyInput)
  const textOf = (expiresAt: string) => `${purpose} until\n${expiresAt}`
  return {
    issue(lifeSeconds) {
      const expiresAt = String(Math.round(Date.now() + lifeSeconds * 1000))
      return `${expiresAt}.${sign(textOf(expiresAt))}`
    },
    isValid(token) {
      const [, expiresAt, signature] = /^(\d{13})\.([\da-f]{128})$/.exec(token) ?? []
      if (!expiresAt || Number(expiresAt) < Date.now()) return false
      return verify(null, Buffer.from(textOf(expiresAt)), key, Buffer.from(signature, 'hex'))
    },
  }
}
