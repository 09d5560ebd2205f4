import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'

/** The key that webhooks are signed with; kept, since receivers remember its public half for a day. */
export interface SigningKey {
  /** Ed25519 of a text: lower-case hex, 128 digits. */
  sign(text: string): string
  /** The public half, as `/.well-known/jwks.json` shows it. */
  jwks: { keys: object[] }
}

/** Where the key is kept; a place that several processes share keeps what came first. */
export interface KeyPlace {
  getItem(name: string): Promise<unknown>
  setItem(name: string, value: string): Promise<void>
}

const storedAt = 'keys:webhooks'

/** Reads the key, or makes one. */
export async function openSigningKey(place: KeyPlace): Promise<SigningKey> {
  const read = async () => (await place.getItem(storedAt)) as string | undefined
  if (!(await read())) {
    const { privateKey } = generateKeyPairSync('ed25519')
    await place.setItem(storedAt, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
  }
  return createSigningKey(createPrivateKey((await read()) as string))
}

/** A file that only its owner reads, whatever the key's name. */
export function keepInFile(path: string): KeyPlace {
  return {
    getItem: () =>
      readFile(path, 'utf8').catch(error => {
        // One that cannot be read is not replaced: receivers remember its public half.
        if (error.code === 'ENOENT') return undefined
        throw error
      }),
    async setItem(_, value) {
      await mkdir(dirname(path), { recursive: true })
      await writeFileAtomic(path, value, { mode: 0o600 })
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
