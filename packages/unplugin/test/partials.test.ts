import { expect, test } from 'vitest'
import { findPartialMentions } from '../src/partials.ts'
import { createProject } from './support/project.ts'

const marked = 'a { b: url(./a.jpg?nobg) }'

test.for([
  ['@import "./b.css";', 'b.css'],
  ['@import url(b.css) screen;', 'b.css'],
  ["@use 'b' as *;", '_b.scss'],
  ['@use "sub";', 'sub/_index.scss'],
  ['@import (reference) "b";', 'b.less'],
  ['@import "@/b.css";', 'b.css'],
])('%s pulls in %s', async ([css, file]) => {
  const project = await createProject({ [file]: marked })
  const find = async (specifier: string) =>
    specifier.startsWith('@/') ? project.path(specifier.slice(2)) : undefined
  const [mention] = await findPartialMentions(css, project.path('main.css'), find)
  expect(mention).toMatchObject({
    specifier: './a.jpg?nobg',
    location: { file: project.path(file), line: 1, column: 7 },
  })
})

test('circles end, and what cannot be found or lies elsewhere is passed over', async () => {
  const project = await createProject({
    'a.css': '@import "./b.css"; @import "https://x.org/c.css"',
    'b.css': '@import "./a.css"',
  })
  const css = '@import "./a.css"; @import "./missing.css"; a { b: "./c.css" }'
  expect(await findPartialMentions(css, project.path('main.css'), async () => undefined)).toEqual([])
})
