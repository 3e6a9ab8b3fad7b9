import { describe, expect, it } from 'vitest'
import { agoText, counted, cpuText, durationText, memoryText, shortDigest } from './format'

describe('texts for numbers and times', () => {
  it('says memory in the unit that reads best', () => {
    expect([64, 512, 1024, 1536, 16384, 24576].map(memoryText)).toEqual(['64 MiB', '512 MiB', '1 GiB', '1.5 GiB', '16 GiB', '24 GiB'])
  })
  it('says CPU in cores', () => {
    expect([10, 500, 1000, 4000].map(cpuText)).toEqual(['0.01 cores', '0.5 cores', '1 core', '4 cores'])
  })
  it('says how long in two units at most', () => {
    expect([0, 450, 9999, 12_000, 221_000, 7_500_000, 273_600_000].map(durationText)).toEqual(['0s', '0.4s', '9.9s', '12s', '3m 41s', '2h 05m', '3d 04h'])
    expect(durationText(-5)).toBe('0s')
  })
  it('says how long ago as people do', () => {
    const now = new Date('2026-11-26T12:00:00Z')
    const ago = (seconds: number) => agoText(new Date(now.getTime() - seconds * 1000), now)
    expect([0, 4, 30, 90, 7200, 86_400, 86_400 * 3].map(ago)).toEqual(['now', 'now', '30 s ago', '1 min ago', '2 h ago', 'yesterday', '3 days ago'])
    expect(ago(86_400 * 30)).toBe('Oct 27, 2026')
    expect(ago(-60)).toBe('in 1m 00s')
  })
  it('counts', () => {
    expect([counted(1, 'run'), counted(1200, 'run')]).toEqual(['1 run', '1,200 runs'])
  })
  it('shortens digests', () => {
    expect(shortDigest('sha256:9f1c23aa00112233445566778899aabbccddeeff00e07a')).toBe('sha256:9f1c23…e07a')
    expect(shortDigest('sha256:1')).toBe('sha256:1')
  })
})
