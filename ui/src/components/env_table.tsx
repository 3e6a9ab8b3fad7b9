import { Eye, EyeOff } from 'lucide-react'
import { Fragment, useState, type ReactNode } from 'react'
import { cn } from '@/lib/class_names'
import { looksSecret, type Variable } from '@/lib/env'
import { Panel, PanelHead } from './panel'
import { Button } from './ui/button'

const list = 'mono grid grid-cols-[minmax(0,9fr)_minmax(0,11fr)] gap-x-3 gap-y-2 px-4'

/** Variables that come from one place. */
export interface VariableGroup {
  /** Where from. */
  title?: string
  note?: ReactNode
  variables: Variable[]
}

/** Environment variables; values of names that look secret are covered until somebody wants to see them. */
export function EnvTable({ groups, secrets = [] }: { groups: VariableGroup[]; secrets?: string[] }) {
  const variables = groups.flatMap((group) => group.variables)
  const rows = numbered(groups.filter((group) => group.variables.length > 0))
  const [shown, setShown] = useState<ReadonlySet<number>>(new Set())
  const covered = variables.flatMap((each, index) => (looksSecret(each.name) && each.value !== '' ? [index] : []))
  const all_shown = covered.every((index) => shown.has(index))
  return (
    <Panel label="Environment">
      <PanelHead title="Environment">
        {covered.length > 0 && (
          <Button look="ghost" size="small" className="-mr-2" onClick={() => setShown(new Set(all_shown ? [] : covered))}>
            {all_shown ? 'Cover' : 'Show all'}
          </Button>
        )}
      </PanelHead>
      {variables.length + secrets.length === 0 ? (
        <p className="px-4 py-3.5 text-faint">No variables.</p>
      ) : (
        <div className="space-y-3.5 py-3.5">
          {rows.map(({ title, note, variables: of_group, first }, at) => (
            <div key={first} className={cn(at > 0 && 'border-t border-line pt-3')}>
              {title && <h3 className="px-4 pb-2 text-[12px] text-faint">{title}</h3>}
              {note && <p className="-mt-1 px-4 pb-2 text-[13px] text-soft">{note}</p>}
              <dl className={list}>
                {of_group.map(({ name, value }, place) => {
                  const index = first + place
                  const is_covered = covered.includes(index) && !shown.has(index)
                  return (
                    <Fragment key={index}>
                      <dt className="text-soft [overflow-wrap:anywhere]">{breakable(name)}</dt>
                      <dd className="flex min-w-0 items-start gap-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
                        <span className="min-w-0 grow">{is_covered ? '••••••••' : value}</span>
                        {covered.includes(index) && (
                          <Button
                            look="ghost"
                            size="tiny"
                            className="-my-1"
                            aria-label={`${is_covered ? 'Show' : 'Cover'} ${name}`}
                            onClick={() => setShown(toggled(shown, index))}
                          >
                            {is_covered ? <Eye /> : <EyeOff />}
                          </Button>
                        )}
                      </dd>
                    </Fragment>
                  )
                })}
              </dl>
            </div>
          ))}
          {secrets.length > 0 && (
            <dl className={list}>
              {secrets.map((name) => (
                <Fragment key={name}>
                  <dt className="text-soft [overflow-wrap:anywhere]">{name}</dt>
                  <dd className="font-sans text-faint">a secret of the server</dd>
                </Fragment>
              ))}
            </dl>
          )}
        </div>
      )}
    </Panel>
  )
}

/** The groups, each with the number of its first variable among all. */
function numbered(groups: VariableGroup[]): (VariableGroup & { first: number })[] {
  return groups.map((group, at) => ({ ...group, first: groups.slice(0, at).reduce((sum, each) => sum + each.variables.length, 0) }))
}

/** A name that may be broken after its underscores. */
function breakable(name: string) {
  return name.split('_').map((part, index) => (
    <Fragment key={index}>
      {index > 0 && (
        <>
          _<wbr />
        </>
      )}
      {part}
    </Fragment>
  ))
}

function toggled(set: ReadonlySet<number>, value: number): Set<number> {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}
