import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** A part of a picture, enlarged. */
export interface Crop {
  /** Left and top of the part, in px of the picture. */
  left: number
  top: number
  /** Enlargement in percent. */
  percent: 100 | 200 | 300
  /** What the part shows. */
  shows: string
  /** CSS color behind the cutouts. It differs from the background of the picture. */
  background: string
}

/** A free picture of the gallery. */
export interface GalleryPicture {
  id: string
  /** Absolute path. */
  file: string
  title: string
  /** Why the picture is in the gallery. */
  shows: string
  /** The part that is compared with the cutouts of other libraries. */
  crop?: Crop
}

const inGallery = (name: string) => join(root, 'packages/bench/gallery', name)
const inExample = (name: string) => join(root, 'examples/mattes/src/photos', name)

const navy = '#1b2a49'

/** The pictures in the order of the page. packages/bench/gallery/README.md has their authors and rights. */
export const galleryPictures: readonly GalleryPicture[] = [
  {
    id: 'astronaut',
    file: inExample('astronaut.png'),
    title: 'Astronaut',
    shows: 'a person, with short hair in front of a flag and a model of a shuttle',
    crop: { left: 146, top: 8, percent: 200, shows: 'hair', background: navy },
  },
  {
    id: 'photographer',
    file: inGallery('photographer.png'),
    title: 'Photographer',
    shows: 'a person and a tripod, in gray levels',
    crop: { left: 255, top: 370, percent: 200, shows: 'the tripod', background: '#ffffff' },
  },
  {
    id: 'self-portrait',
    file: inGallery('self-portrait-1885.jpg'),
    title: 'Self-portrait',
    shows: 'a painting of a person, with strokes of the brush in place of edges',
    crop: { left: 330, top: 90, percent: 100, shows: 'painted hair', background: navy },
  },
  {
    id: 'chelsea',
    file: inExample('chelsea.png'),
    title: 'Cat',
    shows: 'fur and whiskers; the frame cuts the subject',
    crop: { left: 30, top: 190, percent: 300, shows: 'whiskers', background: navy },
  },
  {
    id: 'moose',
    file: inGallery('moose.webp'),
    title: 'Moose',
    shows: 'fur and antlers in front of a blurred wood, behind grass',
    crop: { left: 690, top: 130, percent: 200, shows: 'an antler', background: '#ffffff' },
  },
  {
    id: 'goldfish',
    file: inGallery('goldfish.webp'),
    title: 'Goldfish',
    shows: 'translucent fins in front of black',
    crop: { left: 0, top: 0, percent: 300, shows: 'the tail', background: '#ffffff' },
  },
  {
    id: 'hummingbird',
    file: inGallery('bird-on-green.jpg'),
    title: 'Hummingbird',
    shows: 'a drawing with feathers on a plain color',
    crop: { left: 480, top: 740, percent: 100, shows: 'feathers', background: '#ffffff' },
  },
  {
    id: 'daffodils',
    file: inGallery('daffodils.jpg'),
    title: 'Daffodils',
    shows: 'a painting of a plant in a bowl',
  },
  {
    id: 'coffee',
    file: inExample('coffee.png'),
    title: 'Cup of coffee',
    shows: 'a product with a hard edge, of nearly the color of the table',
    crop: { left: 60, top: 90, percent: 200, shows: 'the edge of the saucer', background: '#ffffff' },
  },
  {
    id: 'wrench',
    file: inGallery('wrench.webp'),
    title: 'Wrench',
    shows: 'a product of metal with holes and reflections, on wood',
    crop: { left: 20, top: 20, percent: 300, shows: 'the jaw', background: navy },
  },
  {
    id: 'windmill',
    file: inGallery('windmill.webp'),
    title: 'Windmill',
    shows: 'thin parts: sails of slats in front of the sky',
    crop: { left: 20, top: 55, percent: 300, shows: 'a sail', background: '#ffffff' },
  },
  {
    id: 'rocket',
    file: inGallery('rocket.jpg'),
    title: 'Rocket',
    shows: 'a small subject at dusk, between towers of thin bars',
  },
  { id: 'coins', file: inGallery('coins.png'), title: 'Coins', shows: 'twenty-four subjects' },
  { id: 'grass', file: inGallery('grass.png'), title: 'Grass', shows: 'no subject' },
]
