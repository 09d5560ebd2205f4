/** JSX with an address that no compiler resolves, in the third line. */
export const deadJsx = [
  "import cat from './cat.jpg?nobg'",
  'export const jsx = (type, props) => ({ type, props })',
  'export const dead = () => <img src="./cat.jpg?nobg" srcSet="./cat.jpg?nobg&crop 2x" />',
  'export const other = () => <img src={cat} srcSet="./elsewhere.jpg?nobg" />',
].join('\n')

/** Pages that show the code of a reference, and refer to no picture. */
export const quotedJsx = [
  "export { default as cat } from './cat.jpg?nobg'",
  'export const jsx = (type, props) => ({ type, props })',
  `export const page = () => <pre>{'<img src="./cat.jpg?nobg">'} &lt;img src="./cat.jpg?nobg"&gt;</pre>`,
  `export const line = () => <code title="an image">{"image.src = './cat.jpg?nobg'"}</code>`,
].join('\n')
