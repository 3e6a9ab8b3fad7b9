/** Where in the matches of a search one is; the server names so many of them in one answer. */
export const matches_per_answer = 10_000

/** The match so many further on, counted from 0; after the last comes the first. */
export function nextMatch(index: number, by: number, total: number): number {
  return (((index + by) % total) + total) % total
}

/** How many matches are before those of the answer that names this one. */
export function answerOffset(index: number): number {
  return index - (index % matches_per_answer)
}
