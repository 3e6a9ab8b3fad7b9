import { CopyButton } from './copy_button'

/** What the API says of something, word for word. */
export function JsonView({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2)
  return (
    <div className="relative">
      <pre tabIndex={0} aria-label="JSON" className="mono max-h-[70vh] overflow-auto p-4 leading-5">
        {text}
      </pre>
      <div className="absolute top-2 right-4">
        <CopyButton text={text} label="Copy the JSON" />
      </div>
    </div>
  )
}
