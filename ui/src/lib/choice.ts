/** Which rows of a list are chosen, by hand, as it is known of other lists. */

/**
 * The rows that a click on one row changes: that row alone, or with the shift key all from the row that was clicked before to it.
 */
export function clickedRows<Row>(rows: readonly Row[], id: (row: Row) => string, clicked: string, before: string | undefined, with_shift: boolean): Row[] {
  const at = rows.findIndex((row) => id(row) === clicked)
  const from = with_shift ? rows.findIndex((row) => id(row) === before) : -1
  const [first, last] = from < 0 ? [at, at] : [Math.min(at, from), Math.max(at, from)]
  return rows.slice(first, last + 1)
}

/** Whether of these rows all are chosen, some, or none. */
export function chosenOf<Row>(rows: readonly Row[], id: (row: Row) => string, chosen: { has(id: string): boolean }): 'all' | 'some' | 'none' {
  const count = rows.filter((row) => chosen.has(id(row))).length
  return count === 0 ? 'none' : count === rows.length ? 'all' : 'some'
}
