import Image from 'next/image'
import cat from './cat.jpg?nobg'

export default function Page() {
  return <Image src={cat} alt="Face of a tabby cat with green eyes" />
}
