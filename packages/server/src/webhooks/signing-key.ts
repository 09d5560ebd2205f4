import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDir, writeWhole } from '@nobg/core/internal'

/** The key that webhooks are signed with. It is kept, because receivers cache its public half for a day. */
export interface SigningKey {
  /** Ed25519 signature of a text: 128 lower-case hex digits. */
  sign(text: string): string
  /** The public half, the body of `/.well-known/jwks.json`. */
  jwks: { keys: object[] }
}

/** Where the key is kept. A storage that several processes share keeps the first value that is set. */
export interface KeyStorage {
  getItem(name: string): Promise<unknown>
  setItem(name: string, value: string): Promise<void>
}

const KEY_NAME = 'keys:webhooks'

/** Reads the key, or creates it. */
export async function openSigningKey(storage: KeyStorage): Promise<SigningKey> {
  const read = async () => (await storage.getItem(KEY_NAME)) as string | undefined
  if (!(await read())) {
    const { privateKey } = generateKeyPairSync('ed25519')
    await storage.setItem(KEY_NAME, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  }
  return createSigningKey(createPrivateKey((await read()) as string))
}

/** Keeps one key in a file that only its owner can read; the key's name is ignored. */
export function createKeyFile(path: string): KeyStorage {
  return {
    getItem: () =>
      readFile(path, 'utf8').catch(error => {
        // A key that cannot be read is not replaced: receivers cache its public half.
        if (error.code === 'ENOENT') return undefined
        throw error
      }),
    async setItem(_, value) {
      await makeDir(dirname(path))
      await writeWhole(path, value, { mode: 0o600, flush: true })
    },
  }
}

function createSigningKey(key: KeyObject): SigningKey {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  return {
    sign: text => sign(null, Buffer.from(text), key).toString('hex'),
    jwks: { keys: [{ ...jwk, use: 'sig', alg: 'EdDSA', kid: String(jwk.x).slice(0, 16) }] },
  }
}
