import { describe, expect, it } from 'vitest'
import { chosenOf, clickedRows } from './choice'

const rows = ['a', 'b', 'c', 'd', 'e']
const clicked = (row: string, before: string | undefined, with_shift: boolean) => clickedRows(rows, (each) => each, row, before, with_shift).join('')

describe('a click on a row', () => {
  it('is about that row', () => {
    expect(clicked('c', 'a', false)).toBe('c')
  })
  it('is about all from the last click with the shift key, up and down', () => {
    expect([clicked('d', 'b', true), clicked('b', 'd', true), clicked('b', 'b', true)]).toEqual(['bcd', 'bcd', 'b'])
  })
  it('is about that row where the last click was none of this list', () => {
    expect([clicked('c', undefined, true), clicked('c', 'x', true)]).toEqual(['c', 'c'])
  })
})

describe('rows', () => {
  it('are chosen all, in part or not', () => {
    const state = (...chosen: string[]) => chosenOf(rows, (each) => each, new Set(chosen))
    expect([state(), state('x'), state('b'), state(...rows)]).toEqual(['none', 'none', 'some', 'all'])
    expect(chosenOf([], String, new Set())).toBe('none')
  })
})
