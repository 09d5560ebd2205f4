import { expect, test } from 'vitest'
import { findMarkedImports } from '../../src/types/find-imports.ts'

test.for([
  ["import ada from './ada.jpg?nobg&model=portrait'", ['./ada.jpg?nobg&model=portrait']],
  ['import ada from "./ada.jpg?model=portrait&nobg";', ['./ada.jpg?model=portrait&nobg']],
  ["import ada from'./ada.jpg?nobg'", ['./ada.jpg?nobg']],
  ["import ada\n  from\n  '@/ada.jpg?nobg#part'", ['@/ada.jpg?nobg#part']],
  ["import './ada.jpg?nobg'", ['./ada.jpg?nobg']],
  ["export { default } from './ada.nobg-hero.jpg?w=400'", ['./ada.nobg-hero.jpg?w=400']],
  ["const ada = import('./ada.jpg?nobg&crop')", ['./ada.jpg?nobg&crop']],
  ['import( /* @vite-ignore */ `./ada.jpg?nobg`)', ['./ada.jpg?nobg']],
  ["const ada = require('./ada.jpg?nobg')", ['./ada.jpg?nobg']],
  ["type Ada = typeof import('./ada.jpg?nobg')", ['./ada.jpg?nobg']],
  [
    "import ada from './ada.jpg?nobg&model=General Use (Light)'",
    ['./ada.jpg?nobg&model=General Use (Light)'],
  ],
  ["import a from './a.jpg?nobg';import b from './b.jpg?nobg'", ['./a.jpg?nobg', './b.jpg?nobg']],
  ["<p>don't</p><script>import ada from './ada.jpg?nobg'</script>", ['./ada.jpg?nobg']],
  // These need no types.
  ["const ada = new URL('./ada.jpg?nobg', import.meta.url)", []],
  ['<img src="./ada.jpg?nobg">', []],
  ['a { background: url("./ada.jpg?nobg") }', []],
  ["import ada from './ada.jpg?w=400'", []],
  ["import ada from 'https://example.com/ada.jpg?nobg'", []],
  ["import text from './ada.txt?nobg'", []],
  ["import ada from './ada.jpg?nobg", []],
  ["import ada from './ada\n.jpg?nobg'", []],
] as const)('%s imports %o', ([code, specifiers]) => {
  expect(findMarkedImports(code).map(({ specifier }) => specifier)).toEqual(specifiers)
})
