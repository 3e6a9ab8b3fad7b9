import type { ReactNode } from 'react'
import { Mistakes } from './states'
import { Button } from './ui/button'

/** The end of a form, always in sight: what is wrong, the way back, and the button that sends it. */
export function FormEnd({ others, has_errors, is_sending, cancel, notice, children }: {
  /** Mistakes that belong to no field. */
  others: string[]
  has_errors: boolean
  is_sending: boolean
  /** A link. */
  cancel: ReactNode
  /** What else is to be known before it is sent. */
  notice?: ReactNode
  /** What the button says. */
  children: ReactNode
}) {
  return (
    <div className="sticky bottom-0 border-t border-line bg-panel px-5 py-3.5">
      {notice}
      {(others.length > 0 || has_errors) && (
        <div className="mb-3">
          <Mistakes>{others.length > 0 ? others.join('\n') : 'Some fields need another look; each says what is wrong.'}</Mistakes>
        </div>
      )}
      <div className="flex justify-end gap-2">
        <Button asChild>{cancel}</Button>
        <Button type="submit" look="primary" disabled={is_sending}>
          {children}
        </Button>
      </div>
    </div>
  )
}
