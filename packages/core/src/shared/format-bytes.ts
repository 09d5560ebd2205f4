/** `224 MB`, `1.1 GB`, `4.6 MB`, `12 kB` */
export function formatBytes(bytes: number): string {
  const [unit, name] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  const number = bytes / Number(unit)
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ${name}`
}
