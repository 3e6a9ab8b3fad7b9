/** A part of a list, as the server is asked for it. */
export interface Part {
  offset: number
  limit: number
  /** It is asked for from the other end, so what comes is turned around. */
  is_reversed: boolean
}

/** Whether skipping what comes before a page takes the server a time that is noticed. */
export function isDeep(page: number, size: number): boolean {
  return (page - 1) * size >= 1000
}

/**
 * Page `page` (counted from 1) of a list of about `total` things, none known: undefined. What lies beyond the middle is counted
 * from the end, since skipping takes the server time.
 */
export function partOf(page: number, size: number, total: number | undefined): Part {
  const first = (page - 1) * size
  if (total === undefined || first <= total / 2 || first >= total) return { offset: first, limit: size, is_reversed: false }
  const count = Math.min(size, total - first)
  return { offset: total - first - count, limit: count, is_reversed: true }
}
