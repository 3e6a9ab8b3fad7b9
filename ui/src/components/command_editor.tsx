import { lazy, Suspense, type ComponentProps } from 'react'
import { TextArea } from './ui/field'

const CodeEditor = lazy(() => import('./code_editor'))

type Props = ComponentProps<typeof CodeEditor>

/** An editor for the lines that a shell runs; until its parts are loaded, a plain text. */
export function CommandEditor(props: Props) {
  return (
    <Suspense fallback={<TextArea readOnly rows={6} className="mono" value={props.value} aria-label={props.label} />}>
      <CodeEditor {...props} />
    </Suspense>
  )
}
