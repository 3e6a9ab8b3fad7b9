interface Props {
  label: string
  /** Whether the label is only heard. */
  hides_label?: boolean
  values: string[]
  chosen: string
  onChoose: (value: string) => void
}

/** Values that can be taken by a click. */
export function Suggestions({ label, hides_label, values, chosen, onChoose }: Props) {
  if (values.length === 0) return null
  return (
    <div role="group" aria-label={label} className="mt-1.5 flex flex-wrap items-center gap-1.5 text-[12.5px]">
      {!hides_label && <span className="text-faint">{label}</span>}
      {values.map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          className="mono max-w-full truncate rounded-full bg-quiet px-2.5 py-0.5 text-soft hover:text-ink aria-pressed:bg-accent aria-pressed:text-accent-ink"
          onClick={() => onChoose(value)}
        >
          {value}
        </button>
      ))}
    </div>
  )
}
