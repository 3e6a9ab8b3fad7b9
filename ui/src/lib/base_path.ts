/** Where the server's page and API are, with a slash at its end: `/`, or a path of a proxy's. The document tells it. */
export const base_path = (typeof document === 'undefined' ? undefined : document.documentElement.dataset.base) ?? '/'

/** The whole address, for those who are not on this page. */
export const serverUrl = () => `${window.location.origin}${base_path.slice(0, -1)}`
