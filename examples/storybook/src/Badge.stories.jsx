import { Badge } from './Badge.jsx'
import teal from './cat.jpg?nobg&backgroundColor=teal'

export default { component: Badge }

export const Violet = { args: { color: '#5b5bd6' } }
export const Yellow = { args: { color: '#f4b942' } }
export const Teal = { args: { photo: teal } }
