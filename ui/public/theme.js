// Before anything is drawn: light or dark, as chosen on this page, else as the system says.
;(() => {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const chosen = localStorage.getItem('flotilla.theme')
    document.documentElement.classList.toggle('dark', chosen === 'dark' || (chosen !== 'light' && system.matches))
  }
  system.addEventListener('change', apply)
  addEventListener('flotilla:theme', apply)
  apply()
})()
