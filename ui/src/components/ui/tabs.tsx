import { Tabs } from 'radix-ui'
import type { ReactNode } from 'react'

export const TabSet = Tabs.Root
export const TabList = Tabs.List
export const TabPanel = Tabs.Content

/** One of several views of the same thing. */
export function Tab({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Tabs.Trigger
      value={value}
      className="-mb-px border-b-2 border-transparent px-1 py-2.5 text-[13px] font-[550] whitespace-nowrap text-soft hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
    >
      {children}
    </Tabs.Trigger>
  )
}
