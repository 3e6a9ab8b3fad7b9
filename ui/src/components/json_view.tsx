import { useMemo, useState } from 'react'
import { jsonPieces } from '@/lib/json_pieces'
import { CopyButton } from './copy_button'

/** What the API says of something, word for word; values of names that look secret are covered until somebody wants to see them. */
export function JsonView({ value }: { value: unknown }) {
  const pieces = useMemo(() => jsonPieces(value), [value])
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set())
  const covers = pieces.some(({ secret }) => secret !== undefined && !shown.has(secret))
  return (
    <div className="relative">
      <pre tabIndex={0} aria-label="JSON" className="mono max-h-[70vh] overflow-auto p-4 leading-5">
        {pieces.map(({ text, secret }, index) =>
          secret === undefined || shown.has(secret) ? (
            text
          ) : (
            <button
              key={index}
              type="button"
              aria-label={`Show ${secret}`}
              title={`Show ${secret}`}
              className="cursor-pointer rounded-[3px] bg-quiet text-soft hover:text-ink"
              onClick={() => setShown(new Set([...shown, secret]))}
            >
              "••••••••"
            </button>
          ),
        )}
      </pre>
      <div className="absolute top-2 right-4">
        <CopyButton text={JSON.stringify(value, null, 2)} label={covers ? 'Copy the JSON, with what is covered' : 'Copy the JSON'} />
      </div>
    </div>
  )
}
