import { useEffect } from 'react'

/**
 * What Radix's dialogs ask of the package `react-style-singleton`: a style for as long as it is used. The policy of the
 * page allows no <style> that a script writes, but style sheets that a script makes.
 */
function styleHook() {
  let sheet: CSSStyleSheet | undefined
  let users = 0
  return (styles: string) => {
    useEffect(() => {
      if (users++ === 0) {
        sheet = new CSSStyleSheet()
        sheet.replaceSync(styles)
        document.adoptedStyleSheets.push(sheet)
      }
      return () => {
        if (--users === 0) {
          document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
        }
      }
    }, [styles])
  }
}

export function styleSingleton() {
  const useStyle = styleHook()
  return function Sheet({ styles }: { styles: string; dynamic?: boolean }) {
    useStyle(styles)
    return null
  }
}
