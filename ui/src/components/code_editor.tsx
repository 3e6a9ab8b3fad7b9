import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { shell } from '@codemirror/legacy-modes/mode/shell'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers, placeholder as placeholderText } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useEffectEvent, useRef } from 'react'

interface Props {
  value: string
  onChange: (value: string) => void
  onBlur?: () => void
  label: string
  placeholder?: string
  is_invalid?: boolean
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.standard(tags.variableName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: tags.comment, color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.number, tags.attributeName], color: 'var(--live)' },
  { tag: [tags.definition(tags.variableName), tags.variableName], color: 'var(--live)' },
])

const look = EditorView.theme({
  '&': { fontSize: '12.5px', color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px', minHeight: '124px', maxHeight: '50vh', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: 'none', paddingLeft: '4px' },
  '.cm-placeholder': { color: 'var(--faint)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent)' },
})

/**
 * CodeMirror for a shell's lines. It lives in a shadow root: there its styles are style sheets that a script makes, which the
 * policy of the page allows, instead of a <style> that a script writes.
 */
export default function CodeEditor({ value, onChange, onBlur, label, placeholder, is_invalid }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const changed = useEffectEvent(onChange)
  const left = useEffectEvent(() => onBlur?.())
  const initial = useRef(value)

  useEffect(() => {
    const root = place.current!.shadowRoot ?? place.current!.attachShadow({ mode: 'open' })
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: initial.current,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          indentUnit.of('  '),
          StreamLanguage.define(shell),
          syntaxHighlighting(colours),
          look,
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          ...(placeholder ? [placeholderText(placeholder)] : []),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString())
          }),
          EditorView.domEventHandlers({ blur: () => left() }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [label, placeholder])

  useEffect(() => {
    const editor = view.current
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
    }
  }, [value])

  return (
    <div
      className={`overflow-hidden rounded-lg border bg-panel focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent ${is_invalid ? 'border-bad' : 'border-line'}`}
    >
      <div ref={place} data-testid="command" />
    </div>
  )
}
