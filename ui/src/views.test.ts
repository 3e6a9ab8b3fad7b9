import { expect, it } from 'vitest'
import views from '../views.json'
import { view_paths } from './router'

it('The server knows every view of the page', () => {
  expect([...view_paths].sort()).toEqual([...views].sort())
})
