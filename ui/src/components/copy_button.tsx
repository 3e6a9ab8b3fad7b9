import { Check, Copy } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { copyText } from '@/lib/copy_text'
import { Button } from './ui/button'

/** Copies a text; says so for a moment. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: ReactNode }) {
  const [is_copied, setCopied] = useState(false)
  return (
    <Button
      look={children ? 'plain' : 'ghost'}
      size={children ? 'normal' : 'tiny'}
      {...(children ? {} : { 'aria-label': is_copied ? 'Copied' : label })}
      title={label}
      onClick={() => {
        void copyText(text).then(() => {
          setCopied(true)
          setTimeout(() => setCopied(false), 1500)
        })
      }}
    >
      {is_copied ? <Check className="text-ok" /> : <Copy />}
      {children}
    </Button>
  )
}
