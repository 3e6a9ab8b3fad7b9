import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { BookOpen, LogOut, Monitor, Moon, Sun, User } from 'lucide-react'
import { api } from '@/api/client'
import { callerQuery } from '@/api/queries'
import { addressOf } from '@/lib/base_path'
import { cn } from '@/lib/class_names'
import { useStored } from '@/lib/use_stored'
import { Button } from './ui/button'
import { Menu, MenuItem, MenuLine } from './ui/menu'

const themes = [
  { value: 'system', word: 'As the system', Icon: Monitor },
  { value: 'light', word: 'Light', Icon: Sun },
  { value: 'dark', word: 'Dark', Icon: Moon },
]

/** Who is signed in, light or dark, and the way to the API's documentation. */
export default function Account() {
  const [theme, setTheme] = useStored('theme', 'system')
  const caller = useQuery({ ...callerQuery, retry: false })
  const queries = useQueryClient()
  const navigate = useNavigate()
  const name = caller.isSuccess ? caller.data.name : ''
  const signOut = async () => {
    await api.answer(api.client.DELETE('/api/v1/session'))
    queries.clear()
    await navigate({ to: '/sign-in' })
  }
  return (
    <Menu
      trigger={
        <Button look="ghost" className="-mr-2 px-2!" aria-label={name ? `${name}: settings` : 'Settings'}>
          {name ? (
            <>
              <User />
              <span className="hidden max-w-40 truncate font-normal sm:inline">{name}</span>
            </>
          ) : theme === 'dark' ? (
            <Moon />
          ) : theme === 'light' ? (
            <Sun />
          ) : (
            <Monitor />
          )}
        </Button>
      }
    >
      {themes.map(({ value, word, Icon }) => (
        <MenuItem
          key={value}
          onSelect={() => {
            setTheme(value)
            window.dispatchEvent(new Event('flotilla:theme'))
          }}
        >
          <Icon />
          <span className={cn('grow', theme === value && 'font-semibold')}>{word}</span>
          {theme === value && <span aria-label="chosen">✓</span>}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem asChild>
        <a href={addressOf('/api/docs')} target="_blank" rel="noreferrer">
          <BookOpen /> API documentation
        </a>
      </MenuItem>
      {name && (
        <MenuItem onSelect={() => void signOut()}>
          <LogOut /> Sign out
        </MenuItem>
      )}
    </Menu>
  )
}
