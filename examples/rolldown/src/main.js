import cat from './cat.jpg?nobg'

export { cat }
