import { clsx, type ClassValue } from 'clsx'
import { twMerge } from 'tailwind-merge'

/** Class names, of which the later win over earlier ones that say the same thing. */
export function cn(...values: ClassValue[]): string {
  return twMerge(clsx(values))
}
