import cat from './cat.jpg?nobg'

const image = document.createElement('img')
image.src = cat
document.body.append(image)
