import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Storage } from 'unstorage'

/** The key that webhooks are signed with; kept, since receivers remember its public half for a day. */
export interface SigningKey {
  /** Ed25519 of a text: lower-case hex, 128 digits. */
  sign(text: string): string
  /** The public half, as `/.well-known/jwks.json` shows it. */
  jwks: { keys: object[] }
}

const storedAt = 'keys:webhooks'

/** Reads the key, or makes one. */
export async function openSigningKey(storage: Storage): Promise<SigningKey> {
  let pem = await storage.getItem<string>(storedAt)
  if (!pem) {
    const { privateKey } = generateKeyPairSync('ed25519')
    pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    await storage.setItem(storedAt, pem)
  }
  return createSigningKey(createPrivateKey(pem))
}

function createSigningKey(key: KeyObject): SigningKey {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  return {
    sign: text => sign(null, Buffer.from(text), key).toString('hex'),
    jwks: { keys: [{ ...jwk, use: 'sig', alg: 'EdDSA', kid: String(jwk.x).slice(0, 16) }] },
  }
}
