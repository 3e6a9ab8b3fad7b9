import { Eye, EyeOff } from 'lucide-react'
import { Fragment, useState } from 'react'
import { looksSecret, type Variable } from '@/lib/env'
import { Panel, PanelHead } from './panel'
import { Button } from './ui/button'

/** Environment variables; values of names that look secret are covered until somebody wants to see them. */
export function EnvTable({ variables, secrets = [], title = 'Environment' }: { variables: Variable[]; secrets?: string[]; title?: string }) {
  const [shown, setShown] = useState<ReadonlySet<number>>(new Set())
  const covered = variables.flatMap((each, index) => (looksSecret(each.name) && each.value !== '' ? [index] : []))
  const all_shown = covered.every((index) => shown.has(index))
  return (
    <Panel label={title}>
      <PanelHead title={title}>
        {covered.length > 0 && (
          <Button look="ghost" size="small" className="-mr-2" onClick={() => setShown(new Set(all_shown ? [] : covered))}>
            {all_shown ? 'Cover' : 'Show all'}
          </Button>
        )}
      </PanelHead>
      {variables.length + secrets.length === 0 ? (
        <p className="px-4 py-3.5 text-faint">No variables.</p>
      ) : (
        <dl className="mono grid grid-cols-[minmax(0,9fr)_minmax(0,11fr)] gap-x-3 gap-y-2 px-4 py-3.5">
          {variables.map(({ name, value }, index) => {
            const is_covered = covered.includes(index) && !shown.has(index)
            return [
              <dt key={`${index}n`} className="text-soft [overflow-wrap:anywhere]">
                {breakable(name)}
              </dt>,
              <dd key={`${index}v`} className="flex min-w-0 items-start gap-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
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
              </dd>,
            ]
          })}
          {secrets.map((name) => [
            <dt key={`${name}n`} className="text-soft [overflow-wrap:anywhere]">
              {name}
            </dt>,
            <dd key={`${name}v`} className="font-sans text-faint">
              a secret of the server
            </dd>,
          ])}
        </dl>
      )}
    </Panel>
  )
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
