import { looksSecret } from './env'

/** A part of a JSON text; `secret` is the name whose value it is, where that looks secret. */
export interface JsonPiece {
  text: string
  secret?: string
}

/** A value as `JSON.stringify(value, null, 2)` writes it, with the values of names that look secret in pieces of their own. */
export function jsonPieces(value: unknown): JsonPiece[] {
  const pieces: JsonPiece[] = []
  const write = (text: string) => {
    const last = pieces.at(-1)
    if (last && last.secret === undefined) last.text += text
    else pieces.push({ text })
  }
  const writeAll = (brackets: string, indent: string, members: [string, unknown, string | undefined][]) => {
    if (members.length === 0) {
      write(brackets)
      return
    }
    members.forEach(([name, member, secret], index) => {
      write(`${index === 0 ? brackets[0] : ','}\n${indent}  ${name}`)
      writeValue(member, `${indent}  `, secret)
    })
    write(`\n${indent}${brackets[1]}`)
  }
  const writeValue = (each: unknown, indent: string, secret?: string) => {
    if (Array.isArray(each)) writeAll('[]', indent, each.map((element) => ['', element, undefined]))
    else if (typeof each === 'object' && each !== null) writeAll('{}', indent, membersOf(each))
    else if (secret !== undefined && typeof each === 'string' && each !== '') pieces.push({ text: JSON.stringify(each), secret })
    else write(JSON.stringify(each))
  }
  writeValue(value, '')
  return pieces
}

/** The members of an object as they are written, with the name that a value belongs to if it looks secret: its own, or that of a
 * pair `{"name": ..., "value": ...}`. */
function membersOf(object: object): [string, unknown, string | undefined][] {
  const variable = 'name' in object && 'value' in object && typeof object.name === 'string' ? object.name : undefined
  return Object.entries(object)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const owner = name === 'value' && variable !== undefined ? variable : name
      return [`${JSON.stringify(name)}: `, member, looksSecret(owner) ? owner : undefined]
    })
}
