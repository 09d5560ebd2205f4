/** Encodes a signed fixed-point number of ICC profiles: 16 bits before the point, 16 after it. */
function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65536))
  return bytes
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const xyz = (values: readonly number[]) => Buffer.concat([Buffer.from('XYZ \0\0\0\0'), ...values.map(fixed)])
const gamma = (value: number) => {
  const bytes = Buffer.concat([Buffer.from('curv\0\0\0\0'), word(1), Buffer.alloc(4)])
  bytes.writeUInt16BE(Math.round(value * 256), 12)
  return bytes
}
const text = (tag: string, content: string) =>
  Buffer.concat([Buffer.from(`${tag}\0\0\0\0`), content === '' ? Buffer.alloc(0) : Buffer.from(content)])

/** Makes an ICC v2 profile from tags. `space` is `RGB ` or `GRAY`. */
function writeProfile(space: string, tags: Record<string, Buffer>): Buffer {
  const entries = Object.entries(tags).map(([name, data]) => ({
    name,
    data: Buffer.concat([data, Buffer.alloc(-data.length & 3)]),
  }))
  let offset = 128 + 4 + 12 * entries.length
  const table = entries.map(({ name, data }) => {
    const entry = Buffer.concat([Buffer.from(name), word(offset), word(data.length)])
    offset += data.length
    return entry
  })
  const header = Buffer.alloc(128)
  header.writeUInt32BE(offset, 0)
  header.writeUInt32BE(0x02400000, 8)
  header.write(`mntr${space}XYZ `, 12)
  header.write('acsp', 36)
  xyz([0.9642, 1, 0.8249]).copy(header, 68, 8)
  return Buffer.concat([header, word(entries.length), ...table, ...entries.map(({ data }) => data)])
}

const common = {
  desc: Buffer.concat([text('desc', ''), word(5), Buffer.from('test\0'), Buffer.alloc(78)]),
  cprt: text('text', 'none\0'),
  wtpt: xyz([0.9642, 1, 0.8249]),
}

/** ProPhoto RGB (ROMM): primaries adapted to D50, gamma 1.8. @see https://www.color.org/chardata/rgb/rommrgb.xalter */
export const proPhoto = writeProfile('RGB ', {
  ...common,
  rXYZ: xyz([0.7977, 0.288, 0]),
  gXYZ: xyz([0.1352, 0.7119, 0]),
  bXYZ: xyz([0.0313, 0.0001, 0.8249]),
  rTRC: gamma(1.8),
  gTRC: gamma(1.8),
  bTRC: gamma(1.8),
})

/** Gray with a gamma of 1.8. */
export const grayGamma18 = writeProfile('GRAY', { ...common, kTRC: gamma(1.8) })
