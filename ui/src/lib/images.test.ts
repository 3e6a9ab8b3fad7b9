import { describe, expect, it } from 'vitest'
import { exampleImage, imageHint, imageTrouble } from './images'

const has = (...names: string[]) => names.map((name) => ({ name, at_hand: true }))

describe('the image of an example', () => {
  it('is one that the server has, and that has a shell if it can be', () => {
    expect(exampleImage([{ name: 'debian:12', at_hand: false }, ...has('busybox:1', 'python:3.12')])).toBe('python:3.12')
    expect(exampleImage(has('busybox:1', 'debian:11', 'debian:12'))).toBe('debian:12')
    expect(exampleImage(has('busybox:1'))).toBe('busybox:1')
    expect(exampleImage([{ name: 'mine:1', at_hand: false }])).toBe('debian:12')
  })
})

describe('what is said of an image', () => {
  it('is whether the server has it, and what to do where it has none', () => {
    expect(imageHint('debian:12', has('debian:12'))).toBe('The server has it.')
    expect(imageHint('x', has('debian:12'))).toMatch(/fetched from its registry when the task is run first\.$/)
    expect(imageHint('x', [{ name: 'x', at_hand: false }])).toContain('flotilla image import x FILE')
    expect([imageHint('', []), imageHint('x', undefined)]).toEqual(Array(2).fill('Of a registry, or one that the server has.'))
  })
  it('is what to do where a run is refused for it', () => {
    expect(imageTrouble('image [x:1] was not found in any of the configured repositories')).toContain('There is no image x:1')
    expect(imageTrouble('image [x:1] is not on this host, and nobody can say whether it exists: x does not answer')).toMatch(/x:1, and its registry cannot be asked now.*\(x does not answer\)$/)
    expect(imageTrouble('cluster [x] does not exist')).toBeUndefined()
  })
})
