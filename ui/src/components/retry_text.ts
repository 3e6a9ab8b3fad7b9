import type { Retry } from '@/api/types'

/** `up to 3 attempts on out of memory, exit code 17; 10 s between` */
export function retryText(retry: Retry): string {
  const causes = (retry.on ?? []).map((cause) => (typeof cause === 'number' ? `exit code ${cause}` : cause.replaceAll('_', ' ')))
  return `up to ${retry.max_attempts} attempts${causes.length > 0 ? ` on ${causes.join(', ')}` : ''}, ${retry.backoff_seconds} s after the first`
}
