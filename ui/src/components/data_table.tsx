import { tableFeatures, useTable, type ColumnDef } from '@tanstack/react-table'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/class_names'

const features = tableFeatures({})

export interface Column<Row> {
  id: string
  head: ReactNode
  cell: (row: Row) => ReactNode
  /** What the server sorts by; none: this column sorts nothing. */
  sort_by?: string
  className?: string
}

export interface Sorting {
  sort_by: string
  order: 'asc' | 'desc'
}

interface Props<Row> {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  id: (row: Row) => string
  sorting?: Sorting
  onSort?: (sorting: Sorting) => void
  is_stale?: boolean
}

/** A table of which the server sorts and pages the rows. */
export function DataTable<Row extends object>({ label, columns, rows, id, sorting, onSort, is_stale }: Props<Row>) {
  const table = useTable({
    features,
    columns: columns.map(
      (column): ColumnDef<typeof features, Row> => ({ id: column.id, header: () => column.head, cell: ({ row }) => column.cell(row.original) }),
    ),
    data: rows,
    getRowId: id,
  })
  const described = new Map(columns.map((column) => [column.id, column]))
  return (
    <table aria-label={label} className={cn('w-full table-fixed border-collapse transition-opacity', is_stale && 'opacity-60')}>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map((header) => {
              const column = described.get(header.column.id)!
              const is_sorted = sorting !== undefined && sorting.sort_by === column.sort_by
              return (
                <th
                  key={header.id}
                  scope="col"
                  aria-sort={is_sorted ? (sorting.order === 'asc' ? 'ascending' : 'descending') : undefined}
                  className={cn('border-b border-line px-3.5 py-2.5 text-left text-[12px] font-[550] text-soft', column.className)}
                >
                  {column.sort_by && onSort ? (
                    <button
                      type="button"
                      className="inline-flex items-center gap-1 rounded hover:text-ink"
                      onClick={() => onSort({ sort_by: column.sort_by!, order: is_sorted && sorting.order === 'asc' ? 'desc' : 'asc' })}
                    >
                      <table.FlexRender header={header} />
                      {is_sorted && (sorting.order === 'asc' ? <ArrowUp className="size-3" /> : <ArrowDown className="size-3" />)}
                    </button>
                  ) : (
                    <table.FlexRender header={header} />
                  )}
                </th>
              )
            })}
          </tr>
        ))}
      </thead>
      <tbody>
        {table.getRowModel().rows.map((row) => (
          <tr key={row.id} className="group hover:bg-canvas">
            {row.getAllCells().map((cell) => (
              <td
                key={cell.id}
                className={cn('border-b border-line px-3.5 py-2.5 align-middle group-last:border-b-0', described.get(cell.column.id)!.className)}
              >
                <table.FlexRender cell={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
