import { lazy, Suspense, type ComponentProps } from 'react'
import { loadPart } from '@/lib/load_part'
import { parts } from '@/parts'

const CodeEditor = lazy(() => loadPart(parts.code_editor))

type Props = ComponentProps<typeof CodeEditor>

/** As high as the editor, so that nothing moves when it comes: its lines and padding, at least 124 pixels, and the border. */
function heightOf(text: string): number {
  return Math.max(124, text.split('\n').length * 20 + 16) + 2
}

/** An editor for the lines that a shell runs; until its parts are loaded, a plain text. */
export function CommandEditor(props: Props) {
  return (
    <Suspense
      fallback={
        <div style={{ height: heightOf(props.value) }} className="mono max-h-[50vh] overflow-hidden rounded-lg border border-line bg-panel py-2 pl-8 leading-5 whitespace-pre-wrap">
          {props.value}
        </div>
      }
    >
      <CodeEditor {...props} />
    </Suspense>
  )
}
