/** Images as the server knows them. */
export interface KnownImage {
  name: string
  /** The server has it, so that no registry is asked for it. */
  at_hand: boolean
}

/** Images whose shell runs the example, by the beginning of their names; the best first. */
const able = [/^debian:12$/, /^debian:/, /^ubuntu:/, /^python:/]

/** The image that an example is best made with: one that the server has. */
export function exampleImage(images: readonly KnownImage[]): string {
  const names = images.filter((image) => image.at_hand).map((image) => image.name)
  for (const kind of able) {
    const found = names.find((name) => kind.test(name))
    if (found !== undefined) return found
  }
  return names[0] ?? 'debian:12'
}

/** What is to be known of an image before a task with it is run. */
export function imageHint(name: string, images: readonly KnownImage[] | undefined): string {
  if (name === '' || images === undefined) return 'Of a registry, or one that the server has.'
  if (images.some((image) => image.at_hand && image.name === name)) return 'The server has it.'
  const fetched = 'The server does not have it by this name: it is fetched from its registry when the task is run first.'
  return images.some((image) => image.at_hand)
    ? fetched
    : `${fetched} Where there is no way to a registry, whoever runs the server brings it: flotilla image import ${name} FILE`
}

/** What to do where a run is refused for its image; undefined where the message is about something else. */
export function imageTrouble(message: string): string | undefined {
  const missing = /^image \[(.*)\] was not found in any of the configured repositories$/.exec(message)?.[1]
  if (missing !== undefined) return `There is no image ${missing}, neither on the server nor in its registry: correct its name in the task, or take another image.`
  const unknown = /^image \[(.*)\] is not on this host, and nobody can say whether it exists: (.*)$/s.exec(message)
  if (unknown) return `The server does not have the image ${unknown[1]}, and its registry cannot be asked now: try again, or take an image that the server has. (${unknown[2]})`
  return undefined
}
