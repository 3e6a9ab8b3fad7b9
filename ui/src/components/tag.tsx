/** A word by which tasks are found. */
export function Tag({ children }: { children: string }) {
  return <span className="inline-block rounded-full bg-quiet px-2 py-px text-[12px] text-soft">{children}</span>
}
