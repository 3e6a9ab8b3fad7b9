import { expect, it } from 'vitest'
import { Session } from './session'

it('A session that ended asks to sign in, again only for what somebody waits for', () => {
  const session = new Session()
  expect(session.asksToSignIn()).toBe(false)
  session.ended(false)
  expect(session.asksToSignIn()).toBe(true)
  session.putOff()
  session.ended(false)
  expect(session.asksToSignIn()).toBe(false)
  session.ended(true)
  expect(session.asksToSignIn()).toBe(true)
  session.began()
  expect(session.asksToSignIn()).toBe(false)
})
