import cat from './cat.jpg?nobg&crop'

const image = document.createElement('img')
image.src = cat
document.body.append(image)
