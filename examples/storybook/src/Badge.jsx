import cat from './cat.jpg?nobg&crop'

export function Badge({ color, photo = cat }) {
  return <img src={photo} alt="Chelsea the cat" style={{ background: color, borderRadius: 24 }} />
}
