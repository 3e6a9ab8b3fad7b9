/** A word by which tasks are found. */
export function Tag({ children }: { children: string }) {
  return <span className="inline-block max-w-full rounded-[10px] bg-quiet [overflow-wrap:anywhere] px-2 py-px text-[12px] text-soft">{children}</span>
}
