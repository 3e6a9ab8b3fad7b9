import { describe, expect, it } from 'vitest'
import { overwritten, paletteColour, plainText, spansOf, styleAfter, withMatches } from './ansi'

const esc = '\u001b'

describe('a line with escape sequences', () => {
  it('is one span where there are none', () => {
    expect(spansOf('plain')).toEqual([{ text: 'plain', classes: '' }])
    expect(spansOf('')).toEqual([])
  })
  it('has spans of its colours', () => {
    expect(spansOf(`${esc}[31mred${esc}[0m and ${esc}[1;92mbold${esc}[0m`).map(({ text, classes }) => [text, classes])).toEqual([
      ['red', 'ansi-red'], [' and ', ''], ['bold', 'ansi-bold ansi-bright-green'],
    ])
    expect(spansOf(`${esc}[44mon blue`)[0]!.classes).toBe('ansi-on-blue')
  })
  it('has colours beyond the sixteen', () => {
    expect(spansOf(`${esc}[38;5;208morange`)[0]!.color).toBe('rgb(255, 135, 0)')
    expect(spansOf(`${esc}[38;2;1;2;3mtrue`)[0]!.color).toBe('rgb(1, 2, 3)')
    expect(paletteColour(255)).toBe('rgb(238, 238, 238)')
  })
  it('has each colour for as long as it is set', () => {
    const drawn = (line: string) => spansOf(line).map(({ text, classes, color, background }) => [text, classes, color, background])
    expect(drawn(`${esc}[38;2;10;200;30mA${esc}[0m b ${esc}[31mred${esc}[0m`)).toEqual([
      ['A', '', 'rgb(10, 200, 30)', undefined], [' b ', '', undefined, undefined], ['red', 'ansi-red', undefined, undefined],
    ])
    expect(drawn(`${esc}[48;2;10;200;30mA${esc}[49m b ${esc}[41mred${esc}[48;5;16mblack`)).toEqual([
      ['A', '', undefined, 'rgb(10, 200, 30)'], [' b ', '', undefined, undefined], ['red', 'ansi-on-red', undefined, undefined], ['black', '', undefined, 'rgb(0, 0, 0)'],
    ])
  })
  it('may have text and background the other way round', () => {
    const drawn = (parameters: string) => spansOf(`${esc}[${parameters}mA`).map(({ classes, color, background }) => [classes, color, background])[0]
    expect(drawn('7')).toEqual(['ansi-on-white', undefined, undefined])
    expect(drawn('31;7')).toEqual(['ansi-on-red', undefined, undefined])
    expect(drawn('31;44;7')).toEqual(['ansi-blue ansi-on-red', undefined, undefined])
    expect(drawn('38;2;10;200;30;7')).toEqual(['', 'var(--log-canvas)', 'rgb(10, 200, 30)'])
    expect(drawn('38;2;10;200;30;0;7')).toEqual(['ansi-on-white', undefined, undefined])
    expect(drawn('38;2;1;2;3;48;2;4;5;6;7')).toEqual(['', 'rgb(4, 5, 6)', 'rgb(1, 2, 3)'])
  })
  it('loses what moves a cursor or sets a title, and other sequences', () => {
    expect(plainText(`${esc}[2K${esc}]0;title\u0007a${esc}[1Ab`)).toBe('ab')
    expect(plainText(`${esc}]8;;https://example.org${esc}\\link${esc}]8;;${esc}\\ ${esc}[38:2::1:2:3m${esc}[1 q${esc}[>4;2mtext${esc}(B${esc}7${esc}c`)).toBe('link text')
    expect(plainText(`${esc}P1$r${esc}\\a${esc}]0;endless`)).toBe(`a${esc}]0;endless`)
  })
  it('shows of a progress bar what is left of it', () => {
    expect(overwritten(' 10%\r 50%\r100%')).toBe('100%')
    expect(overwritten('windows\r')).toBe('windows')
    expect(['', '\r', '\r\ra\r\r', '\rb'].map(overwritten)).toEqual(['', '', 'a', 'b'])
  })
})

describe('a style', () => {
  it('goes on to the next line until it ends', () => {
    expect(styleAfter('', 'plain')).toBe('')
    expect(styleAfter('', `${esc}[31mred`)).toBe('31')
    expect(styleAfter('31', 'still red')).toBe('31')
    expect(styleAfter('31', `end${esc}[0m`)).toBe('')
    expect(styleAfter('31', `end${esc}[m and ${esc}[1mbold`)).toBe('1')
  })
  it('is what was set last of each kind', () => {
    expect(styleAfter('1;31', `${esc}[92;44m`)).toBe('1;92;44')
    expect(styleAfter('1;4;92;44', `${esc}[22;49m`)).toBe('4;92')
    expect(styleAfter('4;92', `${esc}[39m${esc}[24m`)).toBe('')
    expect(styleAfter('31', `${esc}[38;5;208m${esc}[48;2;0;1;31m`)).toBe('38;5;208;48;2;0;1;31')
    expect(styleAfter('38;5;208;48;2;0;1;31', `${esc}[39m`)).toBe('48;2;0;1;31')
    expect(styleAfter('1', `${esc}[1m${esc}[1m`)).toBe('1')
  })
  it('is not what moves a cursor', () => {
    expect(styleAfter('', `${esc}[2K${esc}[1A${esc}[?25l`)).toBe('')
  })
  it('is in force where a line begins, and where it begins anew', () => {
    expect(spansOf('text', '1;31')).toEqual([{ text: 'text', classes: 'ansi-bold ansi-red' }])
    expect(spansOf(`a${esc}[0mb`, '38;5;208').map(({ text, color }) => [text, color])).toEqual([['a', 'rgb(255, 135, 0)'], ['b', undefined]])
    expect(spansOf(`${esc}[32m10%\r20%\r`)).toEqual([{ text: '20%', classes: 'ansi-green' }])
    expect(spansOf('', '31')).toEqual([])
  })
})

describe('matches', () => {
  const cut = (line: string, wanted: string, ignores_case = false) => withMatches(spansOf(line), wanted, ignores_case).map(({ text, is_match }) => (is_match ? `[${text}]` : text))
  it('stand in spans of their own', () => {
    expect(cut('an epoch, an Epoch', 'epoch')).toEqual(['an ', '[epoch]', ', an Epoch'])
    expect(cut('an epoch, an Epoch', 'epoch', true)).toEqual(['an ', '[epoch]', ', an ', '[Epoch]'])
    expect(cut('nothing', 'epoch')).toEqual(['nothing'])
    expect(cut('aaa', 'a')).toEqual(['[a]', '[a]', '[a]'])
  })
  it('may lie across colours', () => {
    expect(cut(`${esc}[31mep${esc}[0moch`, 'epoch')).toEqual(['[ep]', '[och]'])
  })
})
