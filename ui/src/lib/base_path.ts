/** Where the server's page and API are, with a slash at its end: `/`, or a path of a proxy's. The document tells it. */
export const base_path = (typeof document === 'undefined' ? undefined : document.documentElement.dataset.base) ?? '/'

/** The address of a place of the page or of the API, such as `/tasks`. */
export const addressOf = (place: string) => `${base_path.slice(0, -1)}${place}`

/** The whole address of the server, for those who are not on this page. */
export const serverUrl = () => `${window.location.origin}${addressOf('')}`
