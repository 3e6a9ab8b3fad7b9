import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** What is said of an element while it is pointed at or has the focus. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="animate-appear z-50 max-w-xs rounded-md bg-[#292524] px-2 py-1 text-[12px] whitespace-pre-line text-[#fafaf9] shadow-lg"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export const TooltipProvider = Radix.Provider
