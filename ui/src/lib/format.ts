/** Texts for numbers and times. */

const KIBI = 1024

/** `512 MiB`, `16 GiB`, `1.5 GiB`. */
export function memoryText(mebibytes: number): string {
  const [value, unit] = mebibytes >= KIBI ? [mebibytes / KIBI, 'GiB'] : [mebibytes, 'MiB']
  return `${trimmed(value)} ${unit}`
}

/** CPU in 1/1000 of a core: `4 cores`, `0.5 cores`. */
export function cpuText(millicores: number): string {
  return millicores === 1000 ? '1 core' : `${trimmed(millicores / 1000)} cores`
}

function trimmed(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 1 })
}

export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** `1 run`, `3 runs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** How long: `0.4s`, `12s`, `3m 41s`, `2h 05m`, `3d 04h`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toString()}s`
  const whole = Math.floor(seconds)
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60]
  if (days > 0) return `${days}d ${two(hours)}h`
  if (hours > 0) return `${hours}h ${two(minutes)}m`
  if (minutes > 0) return `${minutes}m ${two(whole % 60)}s`
  return `${whole}s`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** How long ago: `now`, `12 s ago`, `12 min ago`, `3 h ago`, `5 days ago`, else the day. */
export function agoText(time: Date, now: Date): string {
  const seconds = Math.floor((now.getTime() - time.getTime()) / 1000)
  if (seconds < 0) return `in ${durationText(-seconds * 1000)}`
  if (seconds < 5) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`
  const days = Math.floor(seconds / 86400)
  if (days < 14) return days === 1 ? 'yesterday' : `${days} days ago`
  return time.toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' })
}

/** The moment itself, in the reader's own time: `26 Nov 2026, 14:22:07 GMT+1`. */
export function exactText(time: Date): string {
  return time.toLocaleString('en-GB', {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
  })
}

/** `14:22:07`, in the reader's own time. */
export function clockText(time: Date): string {
  return time.toLocaleTimeString('en-GB')
}

/** The beginning of an id, enough to tell runs apart for people. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** `sha256:9f1c23…e07a` */
export function shortDigest(digest: string): string {
  const [kind, digits = ''] = digest.split(':')
  return digits.length > 16 ? `${kind}:${digits.slice(0, 6)}…${digits.slice(-4)}` : digest
}
