import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import type { Client } from './clients.ts'

const MIB = 2 ** 20
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><filter id="f"><feTurbulence baseFrequency="0.05" numOctaves="9"/></filter><rect width="9000" height="9000" filter="url(#f)"/></svg>`
const toDataUri = (bytes: Buffer, type: string) => `data:image/${type};base64,${bytes.toString('base64')}`
const image = (image_url: string) => JSON.stringify({ image_url })

/** Bodies of calls that must be refused, or end with an error. */
const bodies: Record<string, () => Promise<string>> = {
  'many fields': async () => `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join()}}`,
  'many levels': async () => '['.repeat(1_000_000),
  'long color': async () =>
    JSON.stringify({ image_url: 'data:,x', background_color: `rgb(${'1'.repeat(1e6)}%)` }),
  SVG: async () => image(toDataUri(Buffer.from(svg), 'svg+xml')),
  'wide PNG': async () => {
    const wide = sharp({ create: { width: 100_000, height: 1, channels: 3, background: 'red' } })
    return image(toDataUri(await wide.png().toBuffer(), 'png'))
  },
  'slow AVIF': async () => {
    const large = sharp({ create: { width: 4000, height: 4000, channels: 3, background: 'red' } })
    return image(toDataUri(await large.avif({ effort: 0 }).toBuffer(), 'avif'))
  },
  'no image': async () => image('data:image/png;base64,AAAA'),
  'private address': async () => image('http://127.0.0.1:1/a.png'),
}

/** Sends hostile calls one after the other, and notes the answers. */
export async function attack({ base, until, counts }: Client): Promise<void> {
  const note = (kind: string, answer: number | string) => {
    const name = `${kind} ${answer}`
    counts.attacks[name] = (counts.attacks[name] ?? 0) + 1
  }
  while (Date.now() < until) {
    for (const [kind, make] of Object.entries(bodies)) {
      await untilThere(base, until)
      if (Date.now() > until) return
      const stop = new AbortController()
      // Some hang up while their request runs.
      if (Math.random() < 0.3) setTimeout(() => stop.abort(), Math.random() * 2000).unref()
      const init = { method: 'POST', body: await make(), signal: stop.signal }
      const answer = await fetch(`${base}/fal.run/fal-ai/birefnet`, init).then(
        async response => {
          await response.arrayBuffer()
          return response.status
        },
        () => 'no answer',
      )
      note(kind, answer)
    }
    await untilThere(base, until)
    note('upload of a stranger', await pushToStranger(base))
    note('half a body', await hangUp(base))
    await delay(200)
  }
}

/** Waits while the server is away. */
async function untilThere(base: string, until: number): Promise<void> {
  while (Date.now() < until && !(await fetch(`${base}/healthz`).catch(() => undefined))?.ok) await delay(200)
}

/** Pushes a large body to an upload of an unknown token. */
function pushToStranger(base: string): Promise<number | string> {
  return send(base, `PUT /uploads/${'x'.repeat(43)}`, 50 * MIB, 20 * MIB)
}

/** Hangs up in the middle of a body. */
function hangUp(base: string): Promise<number | string> {
  return send(base, 'POST /queue.fal.run/fal-ai/birefnet', 10 * MIB, MIB, 300)
}

/** @returns the status, or `no answer` @param closeMs time after which the client hangs up */
function send(
  base: string,
  line: string,
  announced: number,
  sent: number,
  closeMs = 5000,
): Promise<number | string> {
  return new Promise(resolve => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    const timer = setTimeout(() => socket.destroy(), closeMs)
    let answer: number | string = 'no answer'
    socket.on('data', data => {
      answer = Number(/^HTTP\/1.1 (\d+)/.exec(data.toString())?.[1] ?? answer)
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
    socket.write(`${line} HTTP/1.1\r\nHost: a\r\nContent-Length: ${announced}\r\n\r\n`)
    socket.write(Buffer.alloc(sent, 32))
  })
}
